import fc from 'fast-check';

// CI tells what a change has done, so its random tests repeat themselves; everywhere else each run tries others.
if (process.env.CI === 'true') fc.configureGlobal({ seed: 1 });
