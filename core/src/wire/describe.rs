//! What a frame says, field by field beside its bytes, for people who look at the wire.
//!
//! Names and types come from the tables that the codec itself is made of, and values are read as it reads them. Bytes
//! that are damaged or not all there are described as far as they go.

use std::{fmt, ops::Range};

use super::{
    DecodeError, Method, Properties, ShortStr,
    fields::{Field, Kind, Reader},
    frame::{FRAME_END, HEADER_SIZE, KIND_BODY, KIND_HEADER, KIND_HEARTBEAT, KIND_METHOD, OVERHEAD},
    method::Shape,
    table::{MAX_DEPTH, decode_value},
};

/// A frame, or what there is of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// A method's name, or which other frame it is: `content header`, `content body`, `heartbeat`.
    pub name: &'static str,
    /// The channel's number; 0 if it is not there.
    pub channel: u16,
    /// The parts in order. Each begins where the one before ends, but for bits, which share an octet.
    pub parts: Vec<Part>,
    /// What is wrong with it.
    pub damage: Option<Damage>,
    /// How many of the bytes belong to it.
    // tidy: allow(usize) a place in bytes at hand, which nobody keeps
    pub length: usize,
}

/// A field of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// As in the AMQP 0-9-1 reference: `routing-key`.
    pub name: String,
    /// Its type: `shortstr`.
    pub kind: &'static str,
    /// Its value as text, a long one cut.
    pub value: String,
    /// Its bytes in the frame.
    // tidy: allow(usize) a place in bytes at hand, which nobody keeps
    pub bytes: Range<usize>,
    /// Which bit of them it is, if it is only one: 0 for the lowest.
    pub bit: Option<u8>,
    /// In how many tables it stands; those of its own follow it, one deeper.
    pub depth: u8,
    /// What it belongs to.
    pub section: Section,
    /// Why it cannot be read.
    pub damage: Option<DecodeError>,
}

/// What a part belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// What every frame has: header and end.
    Frame,
    /// What says which method or properties follow.
    Head,
    /// A method's arguments, a message's properties, a body.
    Field,
}

/// What is wrong with a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Damage {
    /// It is not all there.
    Incomplete {
        /// How many bytes are.
        has: u64,
        /// How many there should be, or at least.
        needs: u64,
    },
    /// It has a type that there is not.
    UnknownType(u8),
    /// What is in it cannot be read.
    Payload(DecodeError),
    /// Something else stands where it should end.
    BadEnd(u8),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Incomplete { has, needs } => write!(f, "incomplete: {has} of {needs} bytes"),
            Damage::UnknownType(kind) => write!(f, "unknown frame type {kind}"),
            Damage::Payload(error) => error.fmt(f),
            Damage::BadEnd(found) => write!(f, "{found} stands where the frame should end with {FRAME_END}"),
        }
    }
}

/// Describes the frame that `bytes` begin with. A client's protocol header counts as a frame.
#[must_use]
pub fn describe(bytes: &[u8]) -> Description {
    if bytes.first() == Some(&b'A') { describe_protocol(bytes) } else { describe_frame(bytes) }
}

fn describe_protocol(bytes: &[u8]) -> Description {
    let mut scribe = Scribe::new(&bytes[..bytes.len().min(8)]);
    // What is missing is said of the whole.
    let _ = scribe.protocol();
    let (parts, length) = (scribe.parts, scribe.end);
    let damage = (length < 8).then_some(Damage::Incomplete { has: length as u64, needs: 8 });
    Description { name: "protocol header", channel: 0, parts, damage, length }
}

fn describe_frame(bytes: &[u8]) -> Description {
    let mut scribe = Scribe::new(&bytes[..bytes.len().min(HEADER_SIZE)]);
    let (kind, channel, size) = scribe.header().unwrap_or_default();
    let needs = u64::from(size) + u64::from(OVERHEAD);
    let length = usize::try_from(needs).map_or(bytes.len(), |needs| needs.min(bytes.len()));
    let mut damage = None;
    let mut name = "frame";
    if bytes.len() >= HEADER_SIZE {
        let end = usize::try_from(needs - 1).map_or(length, |end| end.min(length));
        scribe.go_on(bytes, end);
        let described = scribe.payload(kind);
        name = scribe.name;
        damage = described.err();
        scribe.leave_rest(&mut damage);
        scribe.go_on(bytes, length);
        if length as u64 == needs {
            scribe.frame_end(&mut damage);
        }
    }
    if (bytes.len() as u64) < needs {
        damage = Some(Damage::Incomplete { has: bytes.len() as u64, needs });
    }
    Description { name, channel, parts: scribe.parts, damage, length }
}

/// Reads a part of a frame, and writes down what it finds.
struct Scribe<'a> {
    rest: Reader<'a>,
    /// Where in the frame `rest` ends.
    // tidy: allow(usize) a place in bytes at hand, which nobody keeps
    end: usize,
    section: Section,
    depth: u8,
    name: &'static str,
    parts: Vec<Part>,
}

impl<'a> Scribe<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Scribe {
            rest: Reader::new(bytes),
            end: bytes.len(),
            section: Section::Frame,
            depth: 0,
            name: "frame",
            parts: Vec::new(),
        }
    }

    /// What follows is read up to `end`.
    fn go_on(&mut self, frame: &'a [u8], end: usize) {
        self.rest = Reader::new(frame.get(self.end..end).unwrap_or_default());
        self.end = end;
    }

    fn protocol(&mut self) -> Result<(), DecodeError> {
        let start = self.at();
        match self.rest.take(4) {
            Ok(letters) => self.push("protocol", "octets", shown(letters), start),
            Err(damage) => return Err(self.damaged("protocol", "octets", start, damage)),
        }
        for name in ["protocol-id", "version-major", "version-minor", "revision"] {
            self.field(name, Kind::Octet)?;
        }
        Ok(())
    }

    fn header(&mut self) -> Result<(u8, u16, u32), DecodeError> {
        let kind = self.number::<u8>("type")?;
        let word = match kind {
            KIND_METHOD => "method",
            KIND_HEADER => "content header",
            KIND_BODY => "content body",
            KIND_HEARTBEAT => "heartbeat",
            _ => "unknown",
        };
        self.explain(word);
        Ok((kind, self.number("channel")?, self.number("size")?))
    }

    fn payload(&mut self, kind: u8) -> Result<(), Damage> {
        let read = match kind {
            KIND_METHOD => self.method(),
            KIND_HEADER => self.content_header(),
            KIND_BODY | KIND_HEARTBEAT => {
                (self.name, self.section) = if kind == KIND_BODY {
                    ("content body", Section::Field)
                } else {
                    ("heartbeat", Section::Head)
                };
                let start = self.at();
                let body = self.rest.take(self.end - start).unwrap_or_default();
                if !body.is_empty() {
                    self.push("body", "octets", shown(body), start);
                }
                Ok(())
            }
            _ => return Err(Damage::UnknownType(kind)),
        };
        read.map_err(Damage::Payload)
    }

    fn method(&mut self) -> Result<(), DecodeError> {
        (self.name, self.section) = ("method", Section::Head);
        let class_id = self.number::<u16>("class-id")?;
        let class = self.parts.len();
        let method_id = self.number::<u16>("method-id")?;
        let is_its = |shape: &&Shape| (shape.class_id, shape.method_id) == (class_id, method_id);
        let Some(shape) = Method::SHAPES.iter().find(is_its) else {
            self.name = "unknown method";
            return Err(DecodeError::UnknownMethod { class_id, method_id });
        };
        (self.name, self.section) = (shape.name, Section::Field);
        if let Some((of_class, of_method)) = shape.name.split_once('.') {
            self.explain(of_method);
            self.explain_at(class - 1, of_class);
        }
        self.arguments(shape.fields)
    }

    /// Bits that follow one another share an octet, lowest first.
    fn arguments(&mut self, fields: &[(&'static str, Kind)]) -> Result<(), DecodeError> {
        let mut open: Option<(u8, u8)> = None;
        for &(name, kind) in fields {
            let name = spelled(name);
            if kind != Kind::Bit {
                open = None;
                self.field(&name, kind)?;
                continue;
            }
            let (octet, bit) = match open {
                Some((octet, bit)) if bit < 8 => (octet, bit),
                _ => {
                    let start = self.at();
                    let octet = u8::read(&mut self.rest);
                    (octet.map_err(|damage| self.damaged(&name, "bit", start, damage))?, 0)
                }
            };
            let value = if octet >> bit & 1 == 1 { "true" } else { "false" };
            self.push(&name, "bit", value.to_owned(), self.at() - 1);
            self.mark_bit(bit);
            open = Some((octet, bit + 1));
        }
        Ok(())
    }

    fn content_header(&mut self) -> Result<(), DecodeError> {
        (self.name, self.section) = ("content header", Section::Head);
        self.number::<u16>("class-id")?;
        let start = self.at();
        if self.number::<u16>("weight")? != 0 {
            self.parts.pop();
            return Err(self.damaged("weight", "short", start, DecodeError::Weight));
        }
        self.section = Section::Field;
        self.number::<u64>("body-size")?;
        self.section = Section::Head;
        let start = self.at();
        let flags = self.number::<u16>("property-flags")?;
        self.explain(&format!("0x{flags:04X}"));
        let is_set = |(_, bit, _): &&(&str, u8, Kind)| flags >> *bit & 1 == 1;
        self.depth = 1;
        for (name, bit, _) in Properties::SHAPE.iter().filter(is_set) {
            self.push(&spelled(name), "bit", "true".to_owned(), start);
            self.mark_bit(*bit);
        }
        (self.depth, self.section) = (0, Section::Field);
        Properties::SHAPE
            .iter()
            .filter(is_set)
            .try_for_each(|(name, _, kind)| self.field(&spelled(name), *kind))
    }

    fn frame_end(&mut self, damage: &mut Option<Damage>) {
        (self.section, self.depth) = (Section::Frame, 0);
        let Ok(end) = self.number::<u8>("frame-end") else { return };
        if end == FRAME_END {
            self.explain("0xCE");
        } else if damage.is_none() {
            *damage = Some(Damage::BadEnd(end));
        }
    }

    /// What nothing else describes, so that every byte has its part.
    fn leave_rest(&mut self, damage: &mut Option<Damage>) {
        let start = self.parts.last().map_or(0, |last| last.bytes.end);
        if start >= self.end {
            return;
        }
        self.depth = 0;
        if damage.is_none() {
            self.damaged("rest", "octets", start, DecodeError::Trailing);
            *damage = Some(Damage::Payload(DecodeError::Trailing));
        } else {
            self.rest = Reader::new(&[]);
            self.push("rest", "octets", String::new(), start);
        }
    }

    fn number<T: Field<'a> + Copy + fmt::Display>(&mut self, name: &str) -> Result<T, DecodeError> {
        let start = self.at();
        match T::read(&mut self.rest) {
            Ok(number) => {
                self.push(name, word(T::KIND), number.to_string(), start);
                Ok(number)
            }
            Err(damage) => Err(self.damaged(name, word(T::KIND), start, damage)),
        }
    }

    fn field(&mut self, name: &str, kind: Kind) -> Result<(), DecodeError> {
        let start = self.at();
        let text = match kind {
            Kind::Octet => return self.number::<u8>(name).map(|_| ()),
            Kind::Short => return self.number::<u16>(name).map(|_| ()),
            Kind::Long => return self.number::<u32>(name).map(|_| ()),
            Kind::LongLong => return self.number::<u64>(name).map(|_| ()),
            Kind::Table => return self.items(name, "table", start),
            Kind::Text => <&str>::read(&mut self.rest).map(str::as_bytes),
            Kind::ShortStr => ShortStr::read(&mut self.rest).map(ShortStr::as_bytes),
            Kind::LongStr | Kind::Bit => <&[u8]>::read(&mut self.rest),
        };
        match text {
            Ok(text) => {
                self.push(name, word(kind), shown(text), start);
                Ok(())
            }
            Err(damage) => Err(self.damaged(name, word(kind), start, damage)),
        }
    }

    /// A table or an array: its length, and then what is in it, one deeper.
    fn items(&mut self, name: &str, kind: &'static str, start: usize) -> Result<(), DecodeError> {
        if self.depth > MAX_DEPTH {
            return Err(self.damaged(name, kind, start, DecodeError::TooDeep));
        }
        let inside =
            <&[u8]>::read(&mut self.rest).map_err(|damage| self.damaged(name, kind, start, damage))?;
        let (outer, outer_end, this) = (self.rest, self.end, self.parts.len());
        (self.end, self.rest) = (self.at(), Reader::new(inside));
        self.push(name, kind, String::new(), start);
        self.depth += 1;
        let mut count = 0_u32;
        let mut read = Ok(());
        while read.is_ok() && !self.rest.is_empty() {
            read = self.item(kind == "table", count);
            count += 1;
        }
        self.depth -= 1;
        (self.rest, self.end) = (outer, outer_end);
        if let Some(this) = self.parts.get_mut(this) {
            this.value = if count == 1 { "1 item".to_owned() } else { format!("{count} items") };
        }
        read
    }

    fn item(&mut self, named: bool, index: u32) -> Result<(), DecodeError> {
        let start = self.at();
        let name = if named {
            let name = ShortStr::read(&mut self.rest);
            shown(name.map_err(|damage| self.damaged("name", "shortstr", start, damage))?.as_bytes())
        } else {
            index.to_string()
        };
        let inner = match self.rest.rest().first() {
            Some(b'F') => Some("table"),
            Some(b'A') => Some("array"),
            _ => None,
        };
        if let Some(kind) = inner {
            let _ = self.rest.take(1);
            return self.items(&name, kind, start);
        }
        match decode_value(&mut self.rest, self.depth) {
            Ok(value) => {
                self.push(&name, value.type_name(), shown(value.to_string().as_bytes()), start);
                Ok(())
            }
            Err(damage) => Err(self.damaged(&name, "value", start, damage)),
        }
    }

    fn at(&self) -> usize {
        self.end - self.rest.rest().len()
    }

    fn push(&mut self, name: &str, kind: &'static str, value: String, start: usize) {
        let (bytes, depth, section) = (start..self.at(), self.depth, self.section);
        self.parts.push(Part {
            name: name.to_owned(),
            kind,
            value,
            bytes,
            bit: None,
            depth,
            section,
            damage: None,
        });
    }

    /// Nothing behind this can be read.
    fn damaged(&mut self, name: &str, kind: &'static str, start: usize, damage: DecodeError) -> DecodeError {
        self.rest = Reader::new(&[]);
        self.push(name, kind, String::new(), start);
        if let Some(part) = self.parts.last_mut() {
            part.damage = Some(damage.clone());
        }
        damage
    }

    /// Adds to the last number what it stands for.
    fn explain(&mut self, word: &str) {
        if let Some(last) = self.parts.len().checked_sub(1) {
            self.explain_at(last, word);
        }
    }

    fn explain_at(&mut self, index: usize, word: &str) {
        if let Some(part) = self.parts.get_mut(index) {
            part.value = format!("{} ({word})", part.value);
        }
    }

    fn mark_bit(&mut self, bit: u8) {
        if let Some(part) = self.parts.last_mut() {
            part.bit = Some(bit);
        }
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Bit => "bit",
        Kind::Octet => "octet",
        Kind::Short => "short",
        Kind::Long => "long",
        Kind::LongLong => "longlong",
        Kind::Text | Kind::ShortStr => "shortstr",
        Kind::LongStr => "longstr",
        Kind::Table => "table",
    }
}

/// A field's name as in the reference, where Rust has to spell some differently.
fn spelled(name: &str) -> String {
    match name {
        "kind" | "message_type" => "type".to_owned(),
        "nowait" => "no-wait".to_owned(),
        other => other.replace('_', "-"),
    }
}

/// Text as it is, and anything else with escapes; not more than a reader wants to see.
fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 200;
    let text = match str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => bytes.iter().take(MOST).copied().flat_map(std::ascii::escape_default).map(char::from).collect(),
    };
    if bytes.len() <= MOST {
        return text;
    }
    format!("{}…", &text[..text.floor_char_boundary(MOST)])
}
