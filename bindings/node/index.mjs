import tradsys from './index.js';

export * from './lib/generated.js';
export * from './lib/engine.js';
export * from './lib/matcher.js';
export * from './lib/books.js';
export * from './lib/events.js';
export * from './lib/itch.js';
export * from './lib/journal.js';
export * from './lib/functions.js';
export const { Record, batch, join, version } = tradsys;
export default tradsys;
