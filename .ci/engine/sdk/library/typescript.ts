// Stands for the TypeScript compiler where sources are not read: the library's classes name it as they load.
export default { SyntaxKind: {} }
