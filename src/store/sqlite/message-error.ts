import { errorRegistry } from '../../core/error-registry.ts';
import type { MessageError } from '../../engine/model/message.ts';
import type { SendFailure } from '../../engine/ports/index.ts';

/** A failed send as the API shows it, with the words of the registry. */
export function toMessageError(failure: SendFailure): MessageError {
  const { title, remedy } = errorRegistry[failure.code];
  return { code: failure.code, title, remedy, certainty: failure.certainty, nativeCode: failure.nativeCode };
}
