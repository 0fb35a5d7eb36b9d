//! Things one below the other, each as near as it can be to where it wants to be.

/// Members that touch and move together.
struct Block {
    first: usize,
    /// The sum of where each member would have the block begin.
    wishes: f64,
    members: usize,
    size: f64,
}

impl Block {
    fn start(&self) -> f64 {
        self.wishes / self.members as f64
    }
}

/// Where each begins that wants its middle to be somewhere and has a size, in this order, at least `gap` apart, and inside
/// of `bounds` if there is room for all.
///
/// Whoever would lie on another moves together with it: half of the way each, as the sum of the squares of all moves is the
/// smallest then.
pub(super) fn settled(wishes: &[(f64, f64)], gap: f64, bounds: (f64, f64)) -> Vec<f64> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, (middle, size)) in wishes.iter().enumerate() {
        let mut block = Block { first: index, wishes: middle - size / 2.0, members: 1, size: *size };
        while let Some(before) = blocks.pop_if(|before| before.start() + before.size + gap > block.start()) {
            let offset = before.size + gap;
            block = Block {
                first: before.first,
                wishes: before.wishes + block.wishes - offset * block.members as f64,
                members: before.members + block.members,
                size: offset + block.size,
            };
        }
        blocks.push(block);
    }
    let mut starts = vec![0.0; wishes.len()];
    for block in &blocks {
        let mut at = block.start();
        for member in block.first..block.first + block.members {
            starts[member] = at;
            at += wishes[member].1 + gap;
        }
    }
    keep_inside(&mut starts, wishes, gap, bounds);
    starts
}

/// Pushes back what stands out, from both ends; with too little room the end is overrun.
fn keep_inside(starts: &mut [f64], wishes: &[(f64, f64)], gap: f64, (top, bottom): (f64, f64)) {
    let mut limit = bottom;
    for (start, (_, size)) in starts.iter_mut().zip(wishes).rev() {
        *start = start.min(limit - size);
        limit = *start - gap;
    }
    let mut limit = top;
    for (start, (_, size)) in starts.iter_mut().zip(wishes) {
        *start = start.max(limit);
        limit = *start + size + gap;
    }
}

#[cfg(test)]
mod tests {
    use super::settled;

    #[test]
    fn whoever_has_room_stands_where_it_wants_and_others_share_the_way() {
        assert_eq!(settled(&[(20.0, 10.0), (60.0, 10.0)], 4.0, (0.0, 100.0)), [15.0, 55.0]);
        // Both want the middle.
        assert_eq!(settled(&[(50.0, 10.0), (50.0, 10.0)], 4.0, (0.0, 100.0)), [38.0, 52.0]);
        assert_eq!(settled(&[(2.0, 10.0), (3.0, 10.0)], 4.0, (0.0, 100.0)), [0.0, 14.0]);
        assert_eq!(settled(&[(98.0, 10.0), (99.0, 10.0)], 4.0, (0.0, 100.0)), [76.0, 90.0]);
    }
}
