import { IconGitBranch } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { ApiError } from '../../api/errors'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { joinPath } from '../../lib/paths'
import { repositoryName } from './cloneName'
import styles from './git.module.css'
import { TrustHost } from './TrustHost'
import { cloneRepository, type TransferStep } from './transfer'

/** A repository elsewhere becomes a folder of one's own, with its history; then its page opens. */
export function CloneDialog({ into: home, onClose }: { into: string; onClose: () => void }) {
  const form = useId()
  const [url, setUrl] = useState('')
  const [branch, setBranch] = useState('')
  const [into, setInto] = useState(home)
  const [typedName, setTypedName] = useState<string | null>(null)
  const name = typedName ?? repositoryName(url)
  const cloning = useCloning()
  const start = (called = name) =>
    cloning.start({ url: url.trim(), branch: branch.trim() || null, into: into.trim(), name: called.trim() || null })
  const reason = url.trim() === '' ? 'Enter the address of a repository.' : null
  const change = (set: (value: string) => void) => (value: string) => {
    set(value)
    cloning.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason === null) start()
  }
  return (
    <Dialog
      title="Clone a repository"
      width={560}
      onClose={onClose}
      keepOpenOutside
      footer={
        cloning.step ? (
          <StepFoot step={cloning.step} onCancel={cloning.cancel} />
        ) : (
          <>
            <Button size="large" variant="ghost" onClick={onClose}>
              Cancel
            </Button>
            <Button size="large" variant="primary" type="submit" form={form} disabledReason={reason}>
              Clone
            </Button>
          </>
        )
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <p className="secondary">All of its files and history come in; nothing of it runs.</p>
        <TextField
          label="Address of the repository"
          mono
          icon={<IconGitBranch size={16} stroke={1.5} aria-hidden />}
          placeholder="https://git.example.org/team/flows.git"
          hint="With https://, ssh:// or user@host:path. Tokens and SSH key: Settings → Git."
          value={url}
          onChange={change(setUrl)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
        />
        <div className={styles.pair}>
          <TextField
            label="Branch"
            placeholder="Its usual one"
            value={branch}
            onChange={change(setBranch)}
            autoComplete="off"
            spellCheck={false}
          />
          <TextField label="Name" value={name} onChange={change(setTypedName)} autoComplete="off" spellCheck={false} />
        </div>
        <TextField
          label="Into the folder"
          mono
          hint={name && <span className="mono">{joinPath(into, name)}</span>}
          value={into}
          onChange={change(setInto)}
          autoComplete="off"
          spellCheck={false}
        />
        {cloning.error && (
          <ErrorMessage
            error={cloning.error}
            title="The repository was not cloned."
            actions={
              <>
                <TrustHost error={cloning.error} onTrusted={() => start()} isBeside />
                {cloning.proposal !== null && (
                  <Button
                    size="small"
                    onClick={() => {
                      setTypedName(cloning.proposal)
                      start(cloning.proposal ?? name)
                    }}
                  >
                    Clone as {cloning.proposal}
                  </Button>
                )}
              </>
            }
          />
        )}
      </form>
    </Dialog>
  )
}

function StepFoot({ step, onCancel }: { step: TransferStep; onCancel: () => void }) {
  return (
    <>
      <div className={styles.cloning}>
        <span role="status">{step.sentence}</span>
        <progress aria-label="Clone" {...(step.total ? { value: step.done ?? 0, max: step.total } : {})} />
      </div>
      <Button size="large" onClick={onCancel}>
        Cancel clone
      </Button>
    </>
  )
}

/** A clone under way, and how it ended. It ends with the dialog. */
function useCloning() {
  const navigate = useNavigate()
  const [step, setStep] = useState<TransferStep | null>(null)
  const abort = useRef<AbortController | null>(null)
  useEffect(() => () => abort.current?.abort(), [])
  const cloning = useMutation({
    mutationFn: (body: Parameters<typeof cloneRepository>[0]) => {
      abort.current = new AbortController()
      return cloneRepository(body, { signal: abort.current.signal, onStep: setStep })
    },
    onSuccess: (path) => void navigate({ to: '/repository/$', params: { _splat: path } }),
    onSettled: () => setStep(null),
  })
  const isCanceled = cloning.error instanceof DOMException && cloning.error.name === 'AbortError'
  const isTaken = cloning.error instanceof ApiError && cloning.error.code === 'flow_name_taken'
  const proposal = cloning.error instanceof ApiError ? cloning.error.problem.proposal : null
  return {
    step,
    error: isCanceled ? null : cloning.error,
    /** A name that is free, where the chosen one is not. */
    proposal: isTaken && typeof proposal === 'string' ? proposal : null,
    start: (body: Parameters<typeof cloneRepository>[0]) => !cloning.isPending && cloning.mutate(body),
    reset: () => !cloning.isPending && cloning.reset(),
    cancel: () => abort.current?.abort(),
  }
}
