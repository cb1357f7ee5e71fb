export { default } from '../build/eslint.mjs';
