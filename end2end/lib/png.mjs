// A picture to attach, made of numbers: a lighthouse at dusk, 480 by 270.
import zlib from 'node:zlib';

const WIDTH = 480;
const HEIGHT = 270;

/** CRC-32 as PNG wants it; Node has it from version 22 on. */
function crc32(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** The colour of one point. */
function colour(x, y) {
  const tower = Math.abs(x - 340) < 12 + (y - 70) * 0.09 && y > 70 && y < 225;
  if (tower) return Math.floor((y - 70) / 26) % 2 ? [188, 62, 60] : [240, 236, 228];
  if (Math.abs(x - 340) < 15 && y > 48 && y <= 70) return [255, 226, 140];
  if (Math.abs(x - 340) < 18 && y > 40 && y <= 48) return [60, 40, 50];
  const beam = x < 330 && Math.abs(y - 58 - (330 - x) * 0.06) < (330 - x) * 0.1;
  if (y > 215 - 18 * Math.exp(-(((x - 350) / 80) ** 2))) return [22, 44, 58];
  const dusk = y / 215;
  const sky = [28 + 190 * dusk ** 2, 44 + 90 * dusk, 92 + 30 * dusk];
  return beam ? sky.map((part, i) => part + (i === 2 ? 20 : 48)) : sky;
}

export function lighthouse() {
  const rows = Buffer.alloc((WIDTH * 3 + 1) * HEIGHT);
  let at = 0;
  for (let y = 0; y < HEIGHT; y += 1) {
    rows[at] = 0;
    at += 1;
    for (let x = 0; x < WIDTH; x += 1) {
      for (const part of colour(x, y)) {
        rows[at] = Math.max(0, Math.min(255, Math.round(part)));
        at += 1;
      }
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', zlib.deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
