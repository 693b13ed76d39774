import { queryClient } from '../../api/queryClient'
import { sessionQuery } from '../../api/session'
import { allDrafts, cleanUpDrafts, type Draft, deleteDraft, readDrafts, writeDraft } from '../../lib/draftStore'
import { isInside } from '../../lib/paths'

const user = (): string => queryClient.getQueryData(sessionQuery.queryKey)?.username ?? ''

type Kept = Pick<Draft, 'base' | 'etag' | 'text' | 'offline'>

/** What one open file keeps in this browser. Its steps happen in their order; without storage nothing is kept. */
export class FileDrafts {
  private readonly path: string
  private readonly id = crypto.getRandomValues(new Uint32Array(2)).join('-')
  private last: Promise<unknown> = Promise.resolve()
  private hasOne = false

  constructor(path: string) {
    this.path = path
  }

  /** Those of earlier visits, the oldest first. */
  async ofBefore(): Promise<Draft[]> {
    try {
      return (await readDrafts(user(), this.path)).filter((draft) => draft.id !== this.id)
    } catch {
      return []
    }
  }

  /** Resolves to whether this browser could keep it. */
  keep(kept: Kept): Promise<boolean> {
    this.hasOne = true
    return this.queue(() => writeDraft({ ...kept, user: user(), path: this.path, id: this.id, at: Date.now() }))
  }

  drop(): void {
    if (!this.hasOne) return
    this.hasOne = false
    void this.queue(() => deleteDraft({ user: user(), path: this.path, id: this.id }))
  }

  forget(draft: Draft): void {
    void this.queue(() => deleteDraft(draft))
  }

  private queue(act: () => Promise<unknown>): Promise<boolean> {
    const done = this.last.then(act).then(
      () => true,
      () => false,
    )
    this.last = done
    return done
  }
}

/** The files below a folder that have drafts of this person; forgets drafts that are too old on the way. */
export async function pathsWithDrafts(folder: string): Promise<string[]> {
  try {
    await cleanUpDrafts()
    const mine = (await allDrafts()).filter((draft) => draft.user === user() && isInside(draft.path, folder))
    return [...new Set(mine.map((draft) => draft.path))]
  } catch {
    return []
  }
}
