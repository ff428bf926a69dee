// Sounds and films to attach, made of numbers.

/** A fog horn: two seconds of a low tone, 8 kHz, as WAV. */
export function horn(seconds = 2) {
  const rate = 8000;
  const count = rate * seconds;
  const data = Buffer.alloc(44 + count);
  data.write('RIFF', 0, 'latin1');
  data.writeUInt32LE(36 + count, 4);
  data.write('WAVEfmt ', 8, 'latin1');
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate, 28);
  data.writeUInt16LE(1, 32);
  data.writeUInt16LE(8, 34);
  data.write('data', 36, 'latin1');
  data.writeUInt32LE(count, 40);
  for (let at = 0; at < count; at += 1) {
    const swell = Math.sin((Math.PI * at) / count);
    data[44 + at] = 128 + Math.round(90 * swell * Math.sin((2 * Math.PI * 110 * at) / rate));
  }
  return data;
}

/** A lamp that blinks, as WebM: recorded by the browser from a canvas. */
export async function blinking(page) {
  const bytes = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 270 });
    const pen = canvas.getContext('2d');
    const draw = (lit) => {
      pen.fillStyle = '#16202c';
      pen.fillRect(0, 0, 480, 270);
      pen.fillStyle = lit ? '#ffe28c' : '#4a4636';
      pen.beginPath();
      pen.arc(240, 135, 70, 0, 7);
      pen.fill();
    };
    draw(true);
    const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: 'video/webm' });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const ended = new Promise((done) => {
      recorder.onstop = done;
    });
    recorder.start();
    for (let frame = 0; frame < 10; frame += 1) {
      draw(frame % 4 < 2);
      // A film takes as long to record as to watch.
      await new Promise((done) => setTimeout(done, 100));
    }
    recorder.stop();
    await ended;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  });
  return Buffer.from(bytes);
}
