import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectionsQuery } from '../../api/connections'
import type { ImportedFlow } from '../../api/import'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { StatusIcon } from '../../components/Status'
import { counted } from '../../lib/format'
import { baseName } from '../../lib/paths'
import styles from './ImportDialogs.module.css'

/** What is to be mended or known about a flow that came in. It is there all the same. */
export function ImportReport({ imported, onClose }: { imported: ImportedFlow; onClose: () => void }) {
  const { path, files, problems, left_out: leftOut, flows } = imported
  return (
    <Dialog
      title={`Imported as ${baseName(path)}`}
      width={640}
      onClose={onClose}
      footer={
        <>
          <span className="secondary grow">Nothing of it has been run.</span>
          <Button size="large" variant="primary" onClick={onClose} data-autofocus>
            Go on
          </Button>
        </>
      }
    >
      <div className={styles.parts}>
        <p>
          {counted(files, 'file')} came in, to <span className="mono">{path}</span>.
        </p>
        {problems.length > 0 && <Problems problems={problems} />}
        <Connections names={imported.connections} onLeave={onClose} />
        {flows.length > 1 && <Flows paths={flows} onLeave={onClose} />}
        {leftOut.length > 0 && (
          <section className={styles.part} aria-labelledby="left-out">
            <h3 id="left-out" className="section-title">
              Not imported
            </h3>
            <p className="mono">{leftOut.join(', ')}</p>
          </section>
        )}
      </div>
    </Dialog>
  )
}

function Problems({ problems }: Pick<ImportedFlow, 'problems'>) {
  return (
    <section className={styles.part} aria-labelledby="import-problems">
      <h3 id="import-problems" className="section-title">
        To mend before it runs
      </h3>
      <ul className={styles.list}>
        {problems.map((problem) => (
          <li key={`${problem.file}:${problem.line}:${problem.code}:${problem.message}`}>
            <StatusIcon status={problem.severity === 'error' ? 'failed' : 'warning'} />
            <span>
              {problem.message}
              {problem.file && (
                <span className="mono secondary">
                  {' '}
                  {problem.file}
                  {problem.line !== null && `:${problem.line}`}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Connections({ names, onLeave }: { names: readonly string[]; onLeave: () => void }) {
  const { data: known } = useQuery(connectionsQuery)
  if (names.length === 0) return null
  return (
    <section className={styles.part} aria-labelledby="import-connections">
      <h3 id="import-connections" className="section-title">
        Connections it names
      </h3>
      <ul className={styles.list}>
        {names.map((name) => {
          const isThere = known?.some((connection) => connection.name === name)
          return (
            <li key={name}>
              <StatusIcon status={isThere ? 'completed' : 'warning'} decorative />
              <span className="mono">{name}</span>{' '}
              {isThere ? (
                <span className="secondary">is there</span>
              ) : (
                <span>
                  is missing.{' '}
                  <Link to="/connections" search={{ create: 'open_ai' }} className={styles.link} onClick={onLeave}>
                    Add a connection
                  </Link>
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Flows({ paths, onLeave }: { paths: readonly string[]; onLeave: () => void }) {
  return (
    <section className={styles.part} aria-labelledby="import-flows">
      <h3 id="import-flows" className="section-title">
        {counted(paths.length, 'flow')} came in
      </h3>
      <ul className={styles.list}>
        {paths.map((path) => (
          <li key={path}>
            <Link to="/flows/$" params={{ _splat: path }} className={styles.link} onClick={onLeave}>
              {path}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
