import { create } from 'zustand'

interface SignedInState {
  csrfToken: string | null
  /** The server has forgotten this session while a page was open. */
  lost: boolean
}

export const useSignedIn = create<SignedInState>(() => ({ csrfToken: null, lost: false }))

export function csrfToken(): string | null {
  return useSignedIn.getState().csrfToken
}

export function signedInWith(token: string): void {
  useSignedIn.setState({ csrfToken: token, lost: false })
}

export function signedOut(): void {
  useSignedIn.setState({ lost: true })
}
