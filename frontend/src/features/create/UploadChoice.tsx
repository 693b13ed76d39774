import { IconFileZip, IconFolder, IconX } from '@tabler/icons-react'
import { Button } from '../../components/Button'
import { fromFileList, isZip, type PickedFile, suggestedName } from '../../lib/dropped'
import { counted, formatBytes } from '../../lib/format'
import styles from './CreateFlowDialog.module.css'
import { FilePicker } from './FilePicker'

interface UploadChoiceProps {
  files: readonly PickedFile[] | null
  isOver: boolean
  takesFocus: boolean
  onFiles: (files: PickedFile[] | null) => void
}

/** A folder or zip of one's own as what the flow starts from. */
export function UploadChoice({ files, isOver, takesFocus, onFiles }: UploadChoiceProps) {
  return (
    <section className={styles.part} aria-labelledby="upload-title">
      <h3 id="upload-title" className="section-title">
        Upload
      </h3>
      {files ? (
        <div className={styles.chosen}>
          {files.length === 1 && files[0] && isZip(files[0].file) ? (
            <IconFileZip size={16} stroke={1.5} aria-hidden />
          ) : (
            <IconFolder size={16} stroke={1.5} aria-hidden />
          )}
          <span className="medium truncate">{suggestedName(files) || counted(files.length, 'file')}</span>
          <span className="secondary">{sizeOf(files)}</span>
          <span className="grow" />
          <Button size="small" icon={<IconX size={14} stroke={1.5} aria-hidden />} onClick={() => onFiles(null)}>
            Take out
          </Button>
        </div>
      ) : (
        <FilePicker isOver={isOver} takesFocus={takesFocus} onFiles={(picked) => onFiles(fromFileList(picked))} />
      )}
    </section>
  )
}

function sizeOf(files: readonly PickedFile[]): string {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  return `${counted(files.length, 'file')}, ${formatBytes(bytes)}`
}
