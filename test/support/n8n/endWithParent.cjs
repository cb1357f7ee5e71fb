// Preloaded into every n8n that is started here: however its parent ends, kill -9 included, n8n ends too.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
