import {
  IconArchive,
  IconChevronDown,
  IconCloud,
  IconDots,
  IconDownload,
  IconGitBranch,
  IconRefresh,
  IconUpload,
  IconUser,
} from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { GitStatus } from '../../api/git'
import { Button, IconButton } from '../../components/Button'
import { Menu } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { nameOf } from './GitWatcher'
import styles from './git.module.css'
import { IdentityDialog } from './IdentityDialog'
import { RemotesDialog } from './RemotesDialog'
import { StashDialog } from './StashDialog'
import { TrustHost } from './TrustHost'
import { type Transfer, type TransferStep, transfer } from './transfer'
import { useBranchMenu } from './useBranchMenu'

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const
const small = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

/** The branch one is on, what comes and goes, and everything rarer. */
export function BranchBar({ path, status }: { path: string; status: GitStatus }) {
  const branches = useBranchMenu(path, status)
  const moving = useTransfer(path)
  const [shown, setShown] = useState<'identity' | 'remotes' | 'stash' | null>(null)
  const reason = status.is_writable ? null : 'Only its owner can.'
  return (
    <>
      <div className={styles.bar}>
        <Menu width={280} entries={branches.entries}>
          <Button
            variant="ghost"
            size="small"
            aria-label={`Branches: ${nameOf(status)}`}
            icon={<IconGitBranch {...small} />}
          >
            <span className={`${styles.branchName} mono truncate`}>{nameOf(status)}</span>
            <IconChevronDown size={12} stroke={2} aria-hidden />
          </Button>
        </Menu>
        <span className={styles.barEnd}>
          <Button
            size="small"
            icon={<IconDownload {...small} />}
            busy={moving.what === 'pull'}
            disabledReason={reason}
            onClick={() => moving.start('pull')}
          >
            Pull{status.behind > 0 && ` ${status.behind}`}
          </Button>
          <Button
            size="small"
            icon={<IconUpload {...small} />}
            busy={moving.what === 'push'}
            disabledReason={reason}
            onClick={() => moving.start('push')}
          >
            Push{status.ahead > 0 && ` ${status.ahead}`}
          </Button>
          <Menu
            position="bottom-end"
            width={248}
            entries={[
              {
                label: 'Fetch',
                icon: <IconRefresh {...look} />,
                disabledReason: reason,
                onSelect: () => moving.start('fetch'),
              },
              'line',
              {
                label: 'Stashes',
                icon: <IconArchive {...look} />,
                end: status.stash_count > 0 && <span className="small secondary">{status.stash_count}</span>,
                onSelect: () => setShown('stash'),
              },
              { label: 'Remotes and credentials', icon: <IconCloud {...look} />, onSelect: () => setShown('remotes') },
              { label: 'Your name and address', icon: <IconUser {...look} />, onSelect: () => setShown('identity') },
            ]}
          >
            <IconButton size="small" label="More of git" icon={<IconDots {...look} />} />
          </Menu>
        </span>
      </div>
      {moving.step && (
        <p className={styles.step} role="status">
          {moving.step.sentence}
          <Button size="small" onClick={moving.cancel}>
            Cancel
          </Button>
        </p>
      )}
      {moving.error && (
        <ErrorMessage
          bar
          error={moving.error}
          onRetry={moving.again}
          actions={<TrustHost error={moving.error} onTrusted={moving.again} />}
        />
      )}
      {branches.dialogs}
      {shown === 'remotes' && <RemotesDialog path={path} onClose={() => setShown(null)} />}
      {shown === 'identity' && <IdentityDialog onClose={() => setShown(null)} />}
      {shown === 'stash' && <StashDialog path={path} status={status} onClose={() => setShown(null)} />}
    </>
  )
}

/** A pull, push or fetch under way, and how it ended. */
function useTransfer(path: string) {
  const [step, setStep] = useState<TransferStep | null>(null)
  const [abort, setAbort] = useState<AbortController | null>(null)
  const moving = useMutation({
    mutationFn: (what: Transfer) => {
      const controller = new AbortController()
      setAbort(controller)
      return transfer(path, what, { signal: controller.signal, onStep: setStep })
    },
    onSuccess: (said) => toast.say(said),
    onSettled: () => setStep(null),
  })
  const isCanceled = moving.error instanceof DOMException && moving.error.name === 'AbortError'
  return {
    what: moving.isPending ? moving.variables : null,
    step,
    error: isCanceled ? null : moving.error,
    start: (what: Transfer) => !moving.isPending && moving.mutate(what),
    again: () => moving.variables && moving.mutate(moving.variables),
    cancel: () => abort?.abort(),
  }
}
