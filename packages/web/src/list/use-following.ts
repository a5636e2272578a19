import { useState } from "react";

/** A state that begins as a value, and is that again whenever the value becomes another. */
export function useFollowing<Value>(value: Value): [Value, (state: Value) => void] {
  const [state, setState] = useState(value);
  const [followed, setFollowed] = useState(value);
  if (followed !== value) {
    setFollowed(value);
    setState(value);
  }
  return [state, setState];
}
