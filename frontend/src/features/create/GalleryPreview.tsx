import { IconMarkdown } from '@tabler/icons-react'
import { useState } from 'react'
import type { GalleryEntry } from '../../api/gallery'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { KindBadge, nodeKind } from '../../components/Kind'
import { Markdown } from '../../components/Markdown'
import { MiniGraph } from '../../components/MiniGraph'
import { counted } from '../../lib/format'
import { baseName } from '../../lib/paths'
import styles from './CreateFlowDialog.module.css'
import { galleryPicture } from './gallery'

const mostFiles = 2

/** What is in an example, before it becomes a flow of one's own. */
export function GalleryPreview({ entry }: { entry: GalleryEntry }) {
  const [showsReadme, setShowsReadme] = useState(false)
  return (
    <section className={styles.preview} aria-label={`Preview of ${entry.title}`}>
      {!showsReadme && (
        <div className={styles.picture}>
          <MiniGraph {...galleryPicture(entry)} height={80} width={320} />
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={styles.about} tabIndex={0} aria-label={showsReadme ? 'README.md' : 'About'}>
        {showsReadme ? <Markdown text={entry.readme} /> : <Facts entry={entry} />}
      </section>
      {entry.readme !== '' && (
        <div className={styles.previewFoot}>
          <Button
            size="small"
            variant="ghost"
            pressed={showsReadme}
            icon={<IconMarkdown size={16} stroke={1.5} aria-hidden />}
            onClick={() => setShowsReadme(!showsReadme)}
          >
            Read README.md
          </Button>
        </div>
      )}
    </section>
  )
}

function Facts({ entry }: { entry: GalleryEntry }) {
  return (
    <>
      <div className="row">
        <h3 className={`${styles.previewTitle} grow truncate`}>{entry.title}</h3>
        <span className="small secondary">{counted(entry.node_count, 'node')}</span>
      </div>
      <p className="secondary">{entry.description}</p>
      <div className={styles.chips}>
        {Object.entries(entry.kinds).map(([kind, count]) => (
          <KindBadge key={kind} kind={nodeKind(kind)}>
            {kind} × {count}
          </KindBadge>
        ))}
        {entry.data_files.slice(0, mostFiles).map((file) => (
          <Chip key={file} title={file}>
            {baseName(file)}
          </Chip>
        ))}
        {entry.data_files.length > mostFiles && <Chip>{entry.data_files.length - mostFiles} more files</Chip>}
        <Chip>Runs offline</Chip>
      </div>
      <dl className={styles.facts}>
        <dt>Needs</dt>
        <dd>{entry.kinds.llm ? 'A chat model, or the built-in demo model' : 'No model'}</dd>
        <dt>Inputs</dt>
        <dd className="mono">{entry.inputs.map((input) => input.name).join(', ') || '–'}</dd>
      </dl>
    </>
  )
}
