export { FileMediaStore } from './file-media-store.ts';
