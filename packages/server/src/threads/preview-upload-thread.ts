import type { ImportPreview } from '@labelwright/contract/imports';
import { serveThread } from './in-thread.ts';
import { type PreviewRequest, previewUpload } from './preview-upload.ts';

await serveThread<PreviewRequest, never, ImportPreview>(({ data }) => previewUpload(data));
