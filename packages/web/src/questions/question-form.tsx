import { useMutation } from "@tanstack/react-query";
import type { Inquiry } from "@yardmaster/protocol";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { useSession } from "../session/session.tsx";
import { type AnswerField, answerFields, answerOf } from "./answer-fields.ts";

interface QuestionFormProps {
  readonly inquiry: Inquiry;
  /** Answered, or found to be over. */
  onAnswered(): void;
}

/** The form of an open question, made of its schema. The server holds the answer to that, and says what is wrong. */
export function QuestionForm({ inquiry, onAnswered }: QuestionFormProps) {
  const { client } = useSession();
  const fields = answerFields(inquiry.schema);
  const [filled, setFilled] = useState(() =>
    Object.fromEntries(fields.map(({ name, first }) => [name, first])),
  );
  const answer = useMutation({
    mutationFn: async () => client.inquiries.answer(inquiry.id, answerOf(fields, filled)),
    onSettled: onAnswered,
    networkMode: "always",
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    answer.mutate();
  }

  return (
    <form className="space-y-3" onSubmit={submit}>
      {fields.map((field) => (
        <Field
          key={field.name}
          id={`${inquiry.id}-${field.name}`}
          field={field}
          value={filled[field.name] ?? ""}
          onValue={(value) => setFilled((before) => ({ ...before, [field.name]: value }))}
        />
      ))}
      <div aria-live="polite">
        {answer.error !== null && <Notice tone="bad">{messageOf(answer.error)}</Notice>}
      </div>
      <Button kind="primary" disabled={answer.isPending}>
        {answer.isPending ? "Answering…" : "Answer"}
      </Button>
    </form>
  );
}

interface FieldProps {
  readonly id: string;
  readonly field: AnswerField;
  readonly value: string;
  onValue(value: string): void;
}

function Field({ id, field, value, onValue }: FieldProps) {
  const { name, isRequired, description } = field;
  const about = description === undefined ? undefined : `${id}-about`;
  return (
    <div>
      <label className="block font-medium wrap-anywhere" htmlFor={id}>
        {name}
        {!isRequired && <span className="font-normal text-muted"> (may be left out)</span>}
      </label>
      {description !== undefined && (
        <p id={about} className="text-muted wrap-anywhere">
          {description}
        </p>
      )}
      <Control id={id} field={field} value={value} onValue={onValue} about={about} />
    </div>
  );
}

function Control({ id, field, value, onValue, about }: FieldProps & { about: string | undefined }) {
  const { kind, isRequired, choices } = field;
  const common = { id, value, "aria-describedby": about, className: "field mt-1 w-full" };
  if (kind === "choice")
    return (
      <select {...common} required={isRequired} onChange={(event) => onValue(event.target.value)}>
        <option value="" disabled={isRequired}>
          {isRequired ? "Choose" : "Nothing"}
        </option>
        {choices.map(({ text }) => (
          <option key={text}>{text}</option>
        ))}
      </select>
    );
  if (kind === "json")
    return (
      <textarea
        {...common}
        className={`${common.className} block min-h-20 font-mono text-[0.8125rem]`}
        placeholder="JSON"
        spellCheck={false}
        required={isRequired}
        onChange={(event) => onValue(event.target.value)}
      />
    );
  if (kind === "text")
    return (
      <textarea
        {...common}
        className={`${common.className} block`}
        rows={1}
        onChange={(event) => onValue(event.target.value)}
      />
    );
  return (
    <input
      {...common}
      type="number"
      step={kind === "whole" ? 1 : "any"}
      required={isRequired}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}
