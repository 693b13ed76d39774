import { send } from '../../api/client'
import { ApiError } from '../../api/errors'
import { encodePath } from '../../lib/paths'

const longestPause = 60_000

/** Have the history keep a text that was not saved because someone else was faster. Tries until the studio has it. */
export async function keepLostSave(path: string, text: string): Promise<void> {
  for (let pause = 1000; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      await send(`/api/history-lost/${encodePath(path)}`, {
        method: 'POST',
        body: text,
        headers: { 'Content-Type': 'application/octet-stream' },
      })
      return
    } catch (error) {
      // What is refused now is refused later as well: the place is no longer one's own, or the text is too long.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) return
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
