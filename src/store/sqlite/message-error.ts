import { errorRegistry } from '../../core/error-registry.ts';
import type { MessageError } from '../../engine/model/message.ts';
import type { SendFailure } from '../../engine/ports/index.ts';

/** A failed send as the API shows it, with the words of the registry. */
export function toMessageError(failure: SendFailure): MessageError {
  const { title, remedy } = errorRegistry[failure.code];
  const { code, detail, certainty, nativeCode } = failure;
  return { code, title, remedy, ...(detail === undefined ? {} : { detail }), certainty, nativeCode };
}
