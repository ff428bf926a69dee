//! Small pictures for avatars, icons and emojis: a valid PNG drawn from any text.

use std::io::Write;

use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};

/// Pixels of one cell; a picture has 8 × 8 cells.
const CELL: usize = 8;
const SIDE: usize = 8 * CELL;

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    out.extend(kind);
    out.extend(data);
    out.extend(crc.sum().to_be_bytes());
}

/// A mirrored pattern in one colour, the same for the same seed: 64 × 64 pixels, RGB.
pub fn draw(seed: &str) -> Vec<u8> {
    let hash = Sha256::digest(seed.as_bytes());
    let (colour, bits) = (&hash[..3], &hash[3..]);
    let mut rows = Vec::with_capacity(SIDE * (1 + 3 * SIDE));
    for y in 0..SIDE {
        rows.push(0);
        for x in 0..SIDE {
            let column = (x / CELL).min(7 - x / CELL);
            let on = bits[y / CELL] >> column & 1 == 1;
            rows.extend(colour.iter().map(|part| if on { part | 0x40 } else { 0xE8 }));
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    let packed = packed.write_all(&rows).and_then(|()| packed.finish()).unwrap_or_default();
    let side = u32::try_from(SIDE).unwrap_or(0).to_be_bytes();
    let mut header = Vec::with_capacity(13);
    header.extend(side);
    header.extend(side);
    header.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, *b"IHDR", &header);
    chunk(&mut out, *b"IDAT", &packed);
    chunk(&mut out, *b"IEND", &[]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_png_and_differ() {
        let picture = draw("a");
        assert_eq!(crate::world::media::dimensions(&picture), Some((64, 64)));
        assert_ne!(picture, draw("b"));
    }
}
