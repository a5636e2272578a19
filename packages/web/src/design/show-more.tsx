interface ShowMoreProps {
  /** How many there are, and of what: `300 items`. */
  readonly of: string;
  readonly className: string;
  onMore(): void;
}

/** The last entry of a list of which only a part is drawn. */
export function ShowMore({ of, className, onMore }: ShowMoreProps) {
  return (
    <li className={className}>
      <button type="button" className="text-accent underline" onClick={onMore}>
        Show more of {of}
      </button>
    </li>
  );
}
