import { Markdown } from '../../../components/Markdown'
import styles from './preview.module.css'

/** A Markdown file to read. Its HTML is shown as text, and nothing in it is loaded. */
export function Readme({ text }: { text: string }) {
  return (
    <div className={styles.page}>
      <Markdown text={text} />
    </div>
  )
}
