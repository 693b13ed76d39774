import { IconArrowBackUp } from '@tabler/icons-react'
import { useStore } from 'zustand'
import type { Flow } from '../../../api/flows'
import { Button } from '../../../components/Button'
import { Panel } from '../../../components/Panel'
import { Skeleton } from '../../../components/Skeleton'
import type { Json } from '../../../yaml/scalars'
import type { Port } from '../run/givenValues'
import { useAuthoring, useFlowInfo } from '../state/context'
import type { EntryValues } from '../state/FlowSession'
import { ConnectionNotes } from './ConnectionNotes'
import styles from './entry.module.css'
import { PortField } from './PortField'

/** What a run of a flow without nodes is given: inputs, and what its class is made with. */
export function EntryForm() {
  const info = useFlowInfo()
  const { session } = useAuthoring()
  const isTouched = useStore(session.values, ({ inputs, init }) => Object.keys({ ...inputs, ...init }).length > 0)
  return (
    <Panel
      title="Test run"
      actions={
        isTouched && (
          <Button
            variant="ghost"
            size="small"
            icon={<IconArrowBackUp size={14} stroke={1.5} aria-hidden />}
            onClick={() => session.values.setState({ inputs: {}, init: {} })}
          >
            Reset
          </Button>
        )
      }
    >
      <div className={styles.form}>{info ? <Ports info={info} /> : <Skeleton width="100%" height={96} />}</div>
    </Panel>
  )
}

function Ports({ info }: { info: Flow }) {
  const init = info.init ?? []
  return (
    <>
      <ConnectionNotes names={info.connections} />
      <PortGroup
        of="inputs"
        title="Inputs"
        about={info.inputs.length === 0 ? nothing(info) : sampleNote(info)}
        ports={info.inputs}
        info={info}
      />
      {init.length > 0 && (
        <PortGroup
          of="init"
          title="Init"
          about={`What ${info.entry?.name.split(':')[1] ?? 'the class'} is made with.`}
          ports={init}
          info={info}
        />
      )}
      {info.model && (
        <section className={styles.group} aria-label="Model">
          <h3 className="section-title">Model</h3>
          <p className="secondary">
            {info.model.name ?? 'No model is named'}
            {info.model.connection ? ` through the connection ${info.model.connection}` : ', without a connection'} (
            {info.model.api})
          </p>
        </section>
      )}
    </>
  )
}

function nothing({ kind, problems }: Flow): string {
  if (problems.some((problem) => problem.severity === 'error')) return 'They are known once the problems are solved.'
  return kind === 'prompty' ? 'The prompt has no inputs.' : 'It takes none.'
}

function sampleNote({ sample }: Flow): string {
  return Object.keys(sample?.inputs ?? {}).length > 0 ? 'Filled in from the sample.' : ''
}

interface PortGroupProps {
  of: keyof EntryValues
  title: string
  about: string
  ports: readonly FlowPort[]
  info: Flow
}

type FlowPort = Port & Flow['inputs'][number]

function PortGroup({ of, title, about, ports, info }: PortGroupProps) {
  const { session } = useAuthoring()
  const typed = useStore(session.values, (values) => values[of])
  const sample = (info.sample?.[of] ?? {}) as Record<string, Json>
  const set = (name: string, value: Json | undefined) =>
    session.values.setState((values) => ({ [of]: changed(values[of], name, value) }))
  return (
    <section className={styles.group} aria-label={title}>
      <h3 className="section-title">{title}</h3>
      {about !== '' && <p className="secondary small">{about}</p>}
      {ports.map((port) => (
        <PortField
          key={port.name}
          port={port}
          value={typed[port.name] ?? sample[port.name]}
          format={info.message_format ?? 'basic'}
          onChange={(value) => set(port.name, value)}
        />
      ))}
    </section>
  )
}

function changed(values: Record<string, Json>, name: string, value: Json | undefined): Record<string, Json> {
  const { [name]: _, ...others } = values
  return value === undefined ? others : { ...others, [name]: value }
}
