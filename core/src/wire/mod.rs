//! AMQP 0-9-1 on the wire: bytes to values and back.
