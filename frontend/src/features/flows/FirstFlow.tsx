import { IconGitBranch, IconLayoutGrid, IconPlug, IconPlus, IconSparkles, IconUpload } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { GalleryEntry } from '../../api/gallery'
import { Button, buttonClass } from '../../components/Button'
import { Card } from '../../components/Card'
import { Chip, DemoChip } from '../../components/Chip'
import { type FlowType, FlowTypeIcon, flowTypes, TintedIcon } from '../../components/Kind'
import { MiniGraph } from '../../components/MiniGraph'
import { RadioCard } from '../../components/RadioCard'
import { fromFileList, type PickedFile } from '../../lib/dropped'
import { FilePicker } from '../create/FilePicker'
import { galleryPicture, isBlank } from '../create/gallery'
import { tellImport } from '../import/dialogs'
import styles from './FirstFlow.module.css'
import { startImport } from './importState'

const icon = { size: 14, stroke: 1.5, 'aria-hidden': true } as const
const examplesShown = 3

/** The Flows page before there is a flow: an example, what you have, or empty. */
export function FirstFlow({ gallery }: { gallery: readonly GalleryEntry[] }) {
  return (
    <>
      <div className={styles.ways}>
        <Examples examples={gallery.filter((entry) => !isBlank(entry))} />
        <Bring />
        <Empty />
      </div>
      <DemoModel />
    </>
  )
}

function Examples({ examples }: { examples: readonly GalleryEntry[] }) {
  const navigate = useNavigate()
  const open = (from: string) => void navigate({ to: '/flows', search: { create: from } })
  const first = examples[0]
  return (
    <Card as="section" className={styles.way}>
      <h2 className={styles.title}>
        <TintedIcon kind="python">
          <IconLayoutGrid {...icon} />
        </TintedIcon>
        Start from an example
      </h2>
      <p className="secondary">Each opens with data to run it on. All of them run offline, on the demo model.</p>
      <ul className={styles.choices}>
        {examples.slice(0, examplesShown).map((entry) => (
          <li key={entry.name}>
            <button type="button" className={styles.example} onClick={() => open(entry.name)}>
              <FlowTypeIcon type={entry.type} />
              <span className="grow">
                <span className="truncate" style={{ display: 'block' }}>
                  {entry.title}
                </span>
                <span className="small secondary truncate" style={{ display: 'block' }}>
                  {entry.description}
                </span>
              </span>
              <MiniGraph {...galleryPicture(entry)} width={120} height={32} />
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.foot}>
        {first && (
          <Button variant="primary" size="large" onClick={() => open(first.name)}>
            Open {first.title.charAt(0).toLowerCase() + first.title.slice(1)}
          </Button>
        )}
        <Button variant="ghost" size="large" onClick={() => open('gallery')}>
          Browse all {examples.length > 0 ? examples.length : ''}
        </Button>
      </div>
    </Card>
  )
}

function Bring() {
  const navigate = useNavigate()
  const bring = async (files: PickedFile[]) => {
    const imported = await startImport(() => Promise.resolve(files))
    if (!imported) return
    void navigate({ to: '/flows/$', params: { _splat: imported.path } })
    void tellImport(imported)
  }
  return (
    <Card as="section" className={styles.way}>
      <h2 className={styles.title}>
        <TintedIcon kind="tool">
          <IconUpload {...icon} />
        </TintedIcon>
        Bring what you have
      </h2>
      <p className="secondary">A prompt flow folder runs as it is. Nothing in it is executed until you press Run.</p>
      <FilePicker onFiles={(files) => void bring(fromFileList(files))} />
      <div className={styles.foot}>
        <Button
          variant="ghost"
          size="large"
          icon={<IconGitBranch size={16} stroke={1.5} aria-hidden />}
          onClick={() => void navigate({ to: '/flows', search: { create: 'git' } })}
        >
          Clone a git repository
        </Button>
      </div>
    </Card>
  )
}

function Empty() {
  const navigate = useNavigate()
  const [type, setType] = useState<FlowType | null>(null)
  return (
    <Card as="section" className={styles.way}>
      <h2 className={styles.title}>
        <TintedIcon kind="llm">
          <IconPlus {...icon} />
        </TintedIcon>
        Begin empty
      </h2>
      <p className="secondary">One node that works, ready to change.</p>
      <div className={styles.choices} role="radiogroup" aria-label="Type of the flow">
        {(Object.keys(flowTypes) as FlowType[]).map((each) => (
          <RadioCard
            key={each}
            name="first type"
            title={flowTypes[each].title}
            about={flowTypes[each].about}
            icon={<FlowTypeIcon type={each} />}
            checked={type === each}
            onChoose={() => setType(each)}
          />
        ))}
      </div>
      <div className={styles.foot}>
        <Button
          size="large"
          disabledReason={type ? null : 'Choose a type first.'}
          onClick={() => type && void navigate({ to: '/flows', search: { create: type } })}
        >
          Name the flow
        </Button>
        {!type && <span className="small secondary">Choose a type first</span>}
      </div>
    </Card>
  )
}

function DemoModel() {
  return (
    <Card as="section" className={styles.demo} aria-label="The demo model">
      <div className={styles.demoText}>
        <h2 className="row medium">
          <TintedIcon kind="llm">
            <IconSparkles {...icon} />
          </TintedIcon>
          The demo model answers until you connect one
          <Chip tone="success">Works offline</Chip>
        </h2>
        <p className="secondary">
          It is built in, needs no key and costs nothing. It answers by simple general rules, the same way every time,
          so you can build, run and compare at once. Its answers say nothing about quality: replace it before you trust
          a metric.
        </p>
      </div>
      <div className={styles.demoFacts}>
        <dl className={styles.facts}>
          <dt>Connection</dt>
          <dd className="mono">demo</dd>
          <dt>Marked as</dt>
          <dd>
            <DemoChip />
          </dd>
        </dl>
        <Link to="/connections" search={{ create: 'open_ai' }} className={buttonClass()}>
          <IconPlug size={16} stroke={1.5} aria-hidden />
          Add a connection
        </Link>
      </div>
    </Card>
  )
}
