import { createElement, useMemo } from 'react'
import { type Block, type Inline, readMarkdown } from '../lib/markdown'
import styles from './Markdown.module.css'

/** A README as text, lists, tables and code. Its HTML is shown, not used; its links open in a new tab. */
export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => readMarkdown(text), [text])
  return (
    <div className={styles.markdown}>
      <Blocks blocks={blocks} />
    </div>
  )
}

// biome-ignore-start lint/suspicious/noArrayIndexKey: parsed text has no identity but its place, and never moves.
function Blocks({ blocks }: { blocks: Block[] }) {
  return blocks.map((block, index) => <BlockView key={index} block={block} />)
}

function BlockView({ block }: { block: Block }) {
  switch (block.type) {
    case 'heading':
      return createElement(`h${Math.min(6, block.level + 1)}`, null, <Inlines items={block.children} />)
    case 'paragraph':
      return (
        <p>
          <Inlines items={block.children} />
        </p>
      )
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      )
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.children} />
        </blockquote>
      )
    case 'list':
      return createElement(
        block.ordered ? 'ol' : 'ul',
        null,
        block.items.map((item, index) => (
          <li key={index}>
            <ListItem blocks={item} />
          </li>
        )),
      )
    case 'table':
      return <TableView head={block.head} rows={block.rows} />
    case 'rule':
      return <hr />
  }
}

/** A list's short items stand without paragraphs of their own. */
function ListItem({ blocks }: { blocks: Block[] }) {
  return blocks.map((block, index) =>
    block.type === 'paragraph' ? (
      <Inlines key={index} items={block.children} />
    ) : (
      <BlockView key={index} block={block} />
    ),
  )
}

function TableView({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  return (
    <table>
      <thead>
        <tr>
          {head.map((cell, index) => (
            <th key={index}>
              <Inlines items={cell} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, column) => (
              <td key={column}>
                <Inlines items={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Inlines({ items }: { items: Inline[] }) {
  return items.map((item, index) => <InlineView key={index} item={item} />)
}
// biome-ignore-end lint/suspicious/noArrayIndexKey: see above.

function InlineView({ item }: { item: Inline }) {
  switch (item.type) {
    case 'text':
      return <>{item.text}</>
    case 'code':
      return <code>{item.text}</code>
    case 'link':
      return (
        <a href={item.href} target="_blank" rel="noopener noreferrer">
          <Inlines items={item.children} />
        </a>
      )
    case 'strong':
      return (
        <strong>
          <Inlines items={item.children} />
        </strong>
      )
    case 'emphasis':
      return (
        <em>
          <Inlines items={item.children} />
        </em>
      )
    case 'deleted':
      return (
        <del>
          <Inlines items={item.children} />
        </del>
      )
  }
}
