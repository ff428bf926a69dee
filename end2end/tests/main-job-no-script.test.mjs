// The same job without JavaScript: forms post, links navigate, dialogs are the browser's own.
import { mainJob } from '../lib/main-job.mjs';

mainJob('main-job-no-script', { javaScriptEnabled: false });
