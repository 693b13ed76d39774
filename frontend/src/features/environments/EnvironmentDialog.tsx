import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import {
  buildEnvironment,
  cancelBuild,
  type Environment,
  environmentLog,
  environmentQuery,
  resetEnvironment,
} from '../../api/environments'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorMessage, Note } from '../../components/Note'
import { StatusText } from '../../components/Status'
import { TabPanel, Tabs } from '../../components/Tabs'
import { Time } from '../../components/Time'
import { counted, formatBytes, formatDuration } from '../../lib/format'
import styles from './environments.module.css'
import { Packages } from './Packages'
import { progressWords, said } from './words'

interface EnvironmentDialogProps {
  path: string
  onClose: () => void
}

type View = 'packages' | 'log'
const label = 'Environment'

/** The packages a flow runs with: their state, how installing goes, and what can be done about it. */
export function EnvironmentDialog({ path, onClose }: EnvironmentDialogProps) {
  const { data: environment, error, refetch } = useQuery(environmentQuery(path))
  const [chosen, setView] = useState<View | null>(null)
  const isBuilding = environment?.state === 'building'
  const view = chosen ?? (isBuilding || environment?.state === 'failed' ? 'log' : 'packages')
  const hasLog = environment && ['building', 'ready', 'failed'].includes(environment.state)
  return (
    <Dialog
      title="Environment"
      width={640}
      onClose={onClose}
      footer={environment && <Foot path={path} environment={environment} onClose={onClose} />}
    >
      {error && (
        <ErrorMessage title="The environment could not be read." error={error} onRetry={() => void refetch()} />
      )}
      {environment && <Summary path={path} environment={environment} />}
      {environment && hasLog && (
        <div className={styles.views}>
          <Tabs
            label={label}
            tabs={[
              { id: 'packages' as View, label: 'Packages', count: environment.packages.length || undefined },
              { id: 'log' as View, label: 'Log' },
            ]}
            value={view}
            onChange={setView}
          />
          <TabPanel of={label} id={view} className={styles.view ?? ''}>
            {view === 'log' ? (
              <Log key={environment.build?.id ?? environment.state} path={path} />
            ) : (
              <Packages packages={environment.packages} />
            )}
          </TabPanel>
        </div>
      )}
    </Dialog>
  )
}

function Summary({ path, environment }: { path: string; environment: Environment }) {
  const { status, short, long } = said(environment)
  const { problem, build, dropped, state } = environment
  return (
    <div className={styles.summary}>
      <StatusText status={status}>{short}</StatusText>
      {problem ? (
        <Note tone={status === 'failed' ? 'danger' : 'warning'}>
          {problem} {long}
        </Note>
      ) : (
        <p className="secondary">{long}</p>
      )}
      {build && <Progress path={path} build={build} />}
      {state === 'ready' && <Facts environment={environment} />}
      {dropped.length > 0 && (
        <p className="secondary small">
          Not installed, since the studio’s own code answers for {dropped.length > 1 ? 'them' : 'it'}:{' '}
          <code>{dropped.join(', ')}</code>
        </p>
      )}
    </div>
  )
}

function Facts({ environment }: { environment: Environment }) {
  const { built_at, seconds, size, flows, from_source } = environment
  const shared = flows > 1 ? `, shared by ${counted(flows, 'flow')}` : ''
  return (
    <p className="secondary small">
      Built <Time at={built_at === null ? null : built_at * 1000} />
      {seconds !== null && ` in ${formatDuration(seconds)}`}
      {size !== null && `, ${formatBytes(size)}`}
      {shared}
      {from_source && '; a package came as source, so it is its owner’s alone'}.
    </p>
  )
}

function Progress({ path, build }: { path: string; build: NonNullable<Environment['build']> }) {
  const cancel = useMutation({ mutationFn: () => cancelBuild(path) })
  const words = progressWords(build)
  return (
    <div className={styles.progress}>
      <progress
        aria-label={words}
        {...(build.total > 0 ? { max: build.total, value: build.done } : {})}
        className={styles.bar}
      />
      <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel installing
      </Button>
      {cancel.error && <ErrorMessage error={cancel.error} />}
    </div>
  )
}

/** Follows its end, unless somebody reads further up. */
function Log({ path }: { path: string }) {
  const [lines, setLines] = useState<string[]>([])
  const [error, setError] = useState<unknown>(null)
  const box = useRef<HTMLPreElement>(null)
  useEffect(() => {
    const abort = new AbortController()
    const follow = async () => {
      for await (const line of environmentLog(path, abort.signal)) setLines((known) => [...known, line])
    }
    follow().catch((failure: unknown) => {
      if (!abort.signal.aborted) setError(failure)
    })
    return () => abort.abort()
  }, [path])
  useEffect(() => {
    const element = box.current
    if (!element || lines.length === 0) return
    if (element.scrollHeight - element.scrollTop - element.clientHeight < 80) element.scrollTop = element.scrollHeight
  }, [lines])
  if (error) return <ErrorMessage title="The log could not be read." error={error} />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard.
    <pre ref={box} className={styles.log} tabIndex={0} role="log" aria-label="Log of installing">
      {lines.join('\n') || 'Nothing was said yet.'}
    </pre>
  )
}

function Foot({ path, environment, onClose }: { path: string; environment: Environment; onClose: () => void }) {
  const build = useMutation({ mutationFn: (fresh: boolean) => buildEnvironment(path, fresh) })
  const reset = useMutation({ mutationFn: () => resetEnvironment(path) })
  const { state, may_build } = environment
  const reason = may_build ? null : 'Only the flow’s owner, or an admin, can.'
  const failure = build.error ?? reset.error
  const isReady = state === 'ready'
  return (
    <>
      {failure && <ErrorMessage error={failure} />}
      <span className="grow" />
      {(isReady || state === 'failed') && (
        <Button size="large" disabledReason={reason} busy={reset.isPending} onClick={() => reset.mutate()}>
          Reset
        </Button>
      )}
      {isReady && (
        <Button size="large" disabledReason={reason} busy={build.isPending} onClick={() => build.mutate(true)}>
          Rebuild
        </Button>
      )}
      {state === 'missing' || state === 'failed' ? (
        <Button
          size="large"
          variant="primary"
          disabledReason={reason}
          busy={build.isPending}
          onClick={() => build.mutate(false)}
        >
          Install packages
        </Button>
      ) : (
        <Button size="large" variant="primary" onClick={onClose}>
          Close
        </Button>
      )}
    </>
  )
}
