import { IconPhotoPlus, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../../../components/Button'
import { toast } from '../../../components/Toasts'
import { classes } from '../../../lib/classes'
import type { Json } from '../../../yaml/scalars'
import { type FoundImage, imageFromFile, imageFromText, imageOf, imageValue } from './images'
import styles from './images.module.css'
import { Picture } from './ValueWithImages'

interface ImageFieldProps {
  /** The accessible name. */
  label: string
  value: Json | undefined
  /** The flow's message format. */
  format: string
  /** Undefined takes the image away. */
  onChange: (value: Json | undefined) => void
  /** What becomes of a chosen file; it goes along with the run unless the flow keeps it. */
  take?: (file: File) => Promise<FoundImage>
  readOnly?: boolean | undefined
  quiet?: boolean | undefined
}

/** An image that is given by its address, by a path in the flow's folder, or as a file. */
export function ImageField(props: ImageFieldProps) {
  const { label, value, format, onChange, take = imageFromFile, readOnly, quiet } = props
  const image = imageOf(value) ?? (typeof value === 'string' ? imageFromText(value) : null)
  const give = (next: FoundImage | null) => onChange(next ? imageValue(next, format) : undefined)
  const choose = async (file: File) => {
    try {
      give(await take(file))
    } catch (error) {
      toast.fail(error, 'The image could not be taken. ')
    }
  }
  return (
    <span className={classes(styles.field, quiet && styles.quiet)}>
      {image && image.kind !== 'url' && <Picture image={image} small />}
      {image?.kind !== 'inline' && (
        <AddressInput
          label={label}
          value={image?.where ?? ''}
          readOnly={readOnly}
          onCommit={(text) => give(imageFromText(text))}
        />
      )}
      {image?.kind === 'inline' && <span className="grow truncate secondary">{sizeText(image)}</span>}
      {!readOnly && image && (
        <IconButton
          size="small"
          label={`Take ${label} away`}
          icon={<IconX size={14} stroke={1.5} aria-hidden />}
          onClick={() => give(null)}
        />
      )}
      {!readOnly && (
        <ImageChooser label={`Choose a file for ${label}`} onChoose={(files) => files[0] && choose(files[0])} />
      )}
    </span>
  )
}

interface AddressInputProps {
  label: string
  value: string
  readOnly: boolean | undefined
  onCommit: (text: string) => void
}

function AddressInput({ label, value, readOnly, onCommit }: AddressInputProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const commit = () => text !== value && onCommit(text)
  return (
    <input
      type="text"
      aria-label={label}
      placeholder="Address or path"
      value={text}
      title={text}
      readOnly={readOnly}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit()
        if (event.key === 'Escape') setText(value)
      }}
    />
  )
}

interface ImageChooserProps {
  label: string
  multiple?: boolean
  onChoose: (files: File[]) => void
}

/** A button that lets people choose image files. */
export function ImageChooser({ label, multiple, onChoose }: ImageChooserProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton
        size="small"
        label={label}
        icon={<IconPhotoPlus size={16} stroke={1.5} aria-hidden />}
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple={multiple}
        hidden
        aria-label={`${label} (file)`}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          onChoose(files)
        }}
      />
    </>
  )
}

function sizeText({ type, where }: FoundImage): string {
  const bytes = Math.round((where.length - where.indexOf(',') - 1) * 0.75)
  return `${type.slice('image/'.length)}, ${bytes < 1000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`}`
}
