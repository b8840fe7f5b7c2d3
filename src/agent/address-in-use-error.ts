import { errorText } from '../runtime/error-text.ts';

/** The agent cannot listen at `place`, an address with its port. The message says what to do. */
export class AddressInUseError extends Error {
  override readonly name = 'AddressInUseError';
  readonly code = 'ADDRESS_IN_USE';

  constructor(place: string, cause: unknown) {
    super(
      `the agent cannot listen on ${place} (${errorText(cause)}); end the program that does, or set QUORATE_AGENT_PORT or QUORATE_LISTEN_ADDRESS`,
      { cause },
    );
  }
}
