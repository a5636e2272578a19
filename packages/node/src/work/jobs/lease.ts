/** Keeps one lease by renewing it, and tells when it is over. */
export interface Lease {
  /** The server has confirmed it. */
  renewed(): void;
  /** The link is gone: the server keeps the lease for its grace time, which is not measured here. */
  suspend(): void;
  /** The server has said that it goes on. */
  resume(): void;
  stop(): void;
}

export interface LeaseOptions {
  readonly leaseMs: number;
  /** Asks the server to renew it. */
  readonly renew: () => void;
  /** No renewal was confirmed for `leaseMs`: somebody else may have the job. */
  readonly onLost: () => void;
}

/**
 * Asked for every third of `leaseMs`; valid for `leaseMs` from when the request was sent that was confirmed last,
 * not from its answer: the server's clock began to run before.
 */
export function createLease({ leaseMs, renew, onLost }: LeaseOptions): Lease {
  let asked: number[] = [];
  let asking: NodeJS.Timeout | undefined;
  let ending: NodeJS.Timeout | undefined;

  const ask = (): void => {
    asked.push(performance.now());
    renew();
  };

  const validFrom = (sentAt: number): void => {
    clearTimeout(ending);
    ending = setTimeout(lose, leaseMs - (performance.now() - sentAt));
  };

  const stop = (): void => {
    clearInterval(asking);
    clearTimeout(ending);
  };

  const lose = (): void => {
    stop();
    onLost();
  };

  const begin = (): void => {
    stop();
    asked = [];
    validFrom(performance.now());
    asking = setInterval(ask, leaseMs / 3);
  };

  begin();
  return {
    renewed() {
      const sentAt = asked.shift();
      if (sentAt !== undefined) validFrom(sentAt);
    },
    suspend: stop,
    resume() {
      begin();
      ask();
    },
    stop,
  };
}
