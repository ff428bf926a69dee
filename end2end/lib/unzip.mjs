// Reads a zip archive, as far as tests need it: names and contents by its directory, checksums compared.
// Source: APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
import assert from 'node:assert/strict';
import { inflateRawSync } from 'node:zlib';

/** The files of an archive, by name. */
export function unzip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.ok(end >= 0, 'no archive, or not a whole one');
  const files = new Map();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [method, packed, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    const head = bytes.readUInt32LE(at + 42);
    const path = bytes.toString('utf8', at + 46, at + 46 + name);
    const from = head + 30 + bytes.readUInt16LE(head + 26) + bytes.readUInt16LE(head + 28);
    const data = bytes.subarray(from, from + packed);
    const content = method === 8 ? inflateRawSync(data) : Buffer.from(data);
    assert.equal(content.length, size, path);
    assert.ok(!files.has(path), `${path} is there twice`);
    files.set(path, content);
    at += 46 + name + extra + comment;
  }
  return files;
}
