import { useMutation } from '@tanstack/react-query'
import type { GitStatus } from '../../api/git'
import { Button } from '../../components/Button'
import { ErrorMessage, Note } from '../../components/Note'
import { toast } from '../../components/Toasts'
import type { ChangesSearch } from './place'
import { gitActs } from './requests'

interface MergePartProps {
  path: string
  status: GitStatus
  onShow: (place: ChangesSearch) => void
}

const words = {
  clean: '',
  merging: 'A merge',
  rebasing: 'A rebase',
  picking: 'A cherry-pick',
  reverting: 'A revert',
  bisecting: 'A bisect',
}

/** What is open in the repository, and the ways out of it. */
export function MergePart({ path, status, onShow }: MergePartProps) {
  const acting = useFinishing(path, () => onShow({}))
  const open = status.entries.filter((each) => each.is_conflicted).length
  const canFinish = status.state === 'merging' || status.state === 'picking' || status.state === 'reverting'
  return (
    <>
      <Note
        bar
        tone="warning"
        actions={
          status.is_writable && (
            <>
              {open > 0 ? (
                <Button size="small" variant="primary" onClick={() => onShow({ git: 'merge' })}>
                  Decide
                </Button>
              ) : (
                canFinish && (
                  <Button size="small" variant="primary" busy={acting.isPending} onClick={acting.finish}>
                    Finish merge
                  </Button>
                )
              )}
              <Button size="small" busy={acting.isPending} onClick={acting.abort}>
                Abort
              </Button>
            </>
          )
        }
      >
        {words[status.state]}
        {status.merging && ` of ${status.merging}`} is open
        {open > 0 ? `: ${open === 1 ? 'one file needs' : `${open} files need`} you.` : '. Everything is decided.'}
      </Note>
      {acting.error && <ErrorMessage bar error={acting.error} />}
    </>
  )
}

/** Commits a merge that is decided, or goes back to before it. */
export function useFinishing(path: string, onDone: () => void) {
  const acting = useMutation({ mutationFn: (act: () => Promise<unknown>) => act(), onSuccess: onDone })
  return {
    error: acting.error,
    isPending: acting.isPending,
    finish: () =>
      acting.mutate(async () => {
        await gitActs.commit(path, { message: '', amend: false, sign_off: false })
        toast.say('The merge is finished.')
      }),
    abort: () =>
      acting.mutate(async () => {
        await gitActs.abort(path)
        toast.say('Everything is as it was before.')
      }),
  }
}
