// The main job with JavaScript: islands fill in, watch and save.
import { mainJob } from '../lib/main-job.mjs';

mainJob('main-job', { javaScriptEnabled: true });
