import Markdown, { type Components } from 'react-markdown';
import classes from './prose.module.css';

/** Markdown that a person wrote, or a data set card. HTML in it stays text, links lead nowhere but to the web, pictures are not fetched: the text may
 *  come from anybody. Its headings begin below those of the page. */
export function Prose({ children }: { children: string }) {
  return (
    <div className={classes.prose}>
      <Markdown components={components} disallowedElements={['img']} unwrapDisallowed>
        {children}
      </Markdown>
    </div>
  );
}

const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
};
