import ts from 'typescript';

/** Globals that are time, chance, the network or the process; of `Date` and `Math` only what is named with a dot. */
const EFFECTS = new Set([
	...['process', 'globalThis', 'global', 'fetch', 'console', 'performance', 'crypto', 'navigator'],
	...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'require', '__dirname'],
	...['Date()', 'Date.now', 'Math.random', 'AbortSignal.timeout'],
]);

/** Every use of such a global in a file, as `name:line`. What only bears a global's name, or is a type, is no use. */
export function effectsIn(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isIdentifier(node)) {
			const name = nameOfUse(node);
			if (EFFECTS.has(name) && isGlobal(node, checker))
				found.push(`${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

/** `Date.now` for the `Date` in it, `Date()` where the time is asked by a call without arguments, else the name. */
function nameOfUse(node: ts.Identifier): string {
	const { parent, text } = node;
	if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
		const dotted = `${text}.${parent.name.text}`;
		return EFFECTS.has(dotted) ? dotted : text;
	}
	if (ts.isNewExpression(parent) && parent.expression === node && !parent.arguments?.length)
		return `${text}()`;
	return text;
}

function isGlobal(node: ts.Identifier, checker: ts.TypeChecker): boolean {
	const { parent } = node;
	if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
	if (ts.isPartOfTypeNode(node) || ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent))
		return false;
	const symbol = ts.isShorthandPropertyAssignment(parent)
		? checker.getShorthandAssignmentValueSymbol(parent)
		: checker.getSymbolAtLocation(node);
	// `globalThis` and a global without any declared type have no declarations at all.
	return (symbol?.declarations ?? []).every(
		(declaration) => declaration.getSourceFile().isDeclarationFile && !ts.isParameter(declaration),
	);
}
