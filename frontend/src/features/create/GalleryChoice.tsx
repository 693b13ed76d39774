import { useState } from 'react'
import type { GalleryEntry } from '../../api/gallery'
import { SearchField, SegmentedControl } from '../../components/Field'
import { type FlowType, FlowTypeIcon, flowTypes } from '../../components/Kind'
import { RadioCard } from '../../components/RadioCard'
import { counted } from '../../lib/format'
import { matches } from '../../lib/match'
import styles from './CreateFlowDialog.module.css'
import type { Choice } from './choice'
import { GalleryPreview } from './GalleryPreview'
import { blankOf, isBlank } from './gallery'

interface GalleryChoiceProps {
  gallery: readonly GalleryEntry[]
  choice: Choice
  onChoose: (choice: Choice) => void
}

type Filter = 'all' | FlowType

/** The gallery's examples, with a look into the chosen one. */
export function GalleryChoice({ gallery, choice, onChoose }: GalleryChoiceProps) {
  const [filter, setFilter] = useState<Filter>('all')
  const [query, setQuery] = useState('')
  const examples = gallery.filter((entry) => !isBlank(entry))
  const shown = examples.filter(
    (entry) =>
      (filter === 'all' || entry.type === filter) &&
      matches(query, `${entry.title} ${entry.name} ${entry.description}`),
  )
  return (
    <section className={styles.part} aria-labelledby="gallery-title">
      <div className={styles.galleryHead}>
        <h3 id="gallery-title" className="section-title">
          Gallery
        </h3>
        <SegmentedControl
          label="Type of example"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all' as Filter, label: 'All', count: examples.length },
            ...(Object.keys(flowTypes) as FlowType[]).map((type) => ({ value: type, label: flowTypes[type].title })),
          ]}
        />
        <div className={styles.search}>
          <SearchField label="Search examples" placeholder="Find an example" value={query} onChange={setQuery} />
        </div>
      </div>
      <div className={styles.gallery}>
        <div className={styles.entries}>
          {shown.map((entry) => (
            <RadioCard
              key={entry.name}
              plain
              name="start from"
              title={entry.title}
              about={entry.description}
              icon={<FlowTypeIcon type={entry.type} />}
              end={counted(entry.node_count, 'node')}
              checked={choice.from === 'gallery' && choice.name === entry.name}
              onChoose={() => onChoose({ from: 'gallery', name: entry.name })}
            />
          ))}
          {shown.length === 0 && <p className={styles.none}>No example matches.</p>}
        </div>
        <Preview gallery={gallery} choice={choice} />
      </div>
    </section>
  )
}

function Preview({ gallery, choice }: Pick<GalleryChoiceProps, 'gallery' | 'choice'>) {
  const entry =
    choice.from === 'gallery'
      ? gallery.find((each) => each.name === choice.name)
      : choice.from === 'type'
        ? blankOf(gallery, choice.type)
        : undefined
  if (entry) return <GalleryPreview key={entry.name} entry={entry} />
  return (
    <p className={styles.none}>
      {choice.from === 'type' ? flowTypes[choice.type].about : 'Choose an example to see what is in it.'}
    </p>
  )
}
