/** The variables of the process, handed over by `main`; nothing else in core sees them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A variable's text; null where it is unset or blank. */
export const readText = (variables: Variables, name: string): string | null =>
	variables[name]?.trim() || null;
