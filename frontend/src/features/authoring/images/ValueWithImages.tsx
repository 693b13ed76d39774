import { contentAddress } from '../../../api/files'
import { joinPath } from '../../../lib/paths'
import type { Json } from '../../../yaml/scalars'
import { LongText } from '../LongText'
import { useAuthoring } from '../state/context'
import { shownValue } from '../values'
import { type FoundImage, imageOf } from './images'
import styles from './images.module.css'

/** A value with the images in it shown as such: one image, a list of texts and images, or fields with them. */
export function ValueWithImages({ value }: { value: Json }) {
  const image = imageOf(value)
  if (image) return <Picture image={image} />
  if (Array.isArray(value)) {
    return (
      <div className={styles.parts}>
        {value.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one value do not move.
          <ValueWithImages key={index} value={item} />
        ))}
      </div>
    )
  }
  if (typeof value === 'object' && value !== null) return <Fields value={value} />
  const text = shownValue(value)
  return text.includes('\n') ? <LongText text={text} /> : <span>{text}</span>
}

function Fields({ value }: { value: { [key: string]: Json } }) {
  const { type, text } = value
  if (type === 'text' && typeof text === 'string') return <span>{text}</span>
  return (
    <dl className={styles.fields}>
      {Object.entries(value).map(([name, item]) => (
        <div key={name}>
          <dt className="mono secondary">{name}</dt>
          <dd>
            <ValueWithImages value={item} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** The image itself; of one elsewhere only its address, since looking at a run asks nobody for anything. */
export function Picture({ image, small }: { image: FoundImage; small?: boolean }) {
  const source = useSource(image)
  if (source === null) return <span className="mono truncate">{image.where}</span>
  const name = image.kind === 'path' ? image.where : `Image (${image.type.slice('image/'.length)})`
  return <img className={small ? styles.thumb : styles.picture} src={source} alt={name} title={name} loading="lazy" />
}

function useSource({ kind, where }: FoundImage): string | null {
  const { session } = useAuthoring()
  if (kind === 'inline') return where
  if (kind === 'url' || where.startsWith('/') || where.includes('..')) return null
  return contentAddress(joinPath(session.path, where))
}
