// The tree that @huggingface/jinja's parser makes of a template, as far as it is used here.

interface Operator {
  value: string;
}

export interface Identifier {
  type: 'Identifier';
  value: string;
}

interface KeywordArgument {
  type: 'KeywordArgumentExpression';
  key: Identifier;
  value: Node;
}

export type Parameter = Identifier | KeywordArgument;

export interface Call {
  type: 'CallExpression';
  callee: Node;
  args: Node[];
}

export interface Slice {
  type: 'SliceExpression';
  start?: Node;
  stop?: Node;
  step?: Node;
}

export interface Member {
  type: 'MemberExpression';
  object: Node;
  property: Node;
  computed: boolean;
}

export interface For {
  type: 'For';
  loopvar: Node;
  iterable: Node;
  body: Node[];
  defaultBlock: Node[];
}

export interface SetNode {
  type: 'Set';
  assignee: Node;
  value: Node | null;
  body: Node[];
}

export interface Macro {
  type: 'Macro';
  name: Identifier;
  args: Parameter[];
  body: Node[];
}

export interface CallBlock {
  type: 'CallStatement';
  call: Call;
  callerArgs: Parameter[] | null;
  body: Node[];
}

export interface Binary {
  type: 'BinaryExpression';
  operator: Operator;
  left: Node;
  right: Node;
}

export type Node =
  | Identifier
  | KeywordArgument
  | Call
  | Slice
  | Member
  | For
  | SetNode
  | Macro
  | CallBlock
  | Binary
  | { type: 'Program'; body: Node[] }
  | { type: 'If'; test: Node; body: Node[]; alternate: Node[] }
  | { type: 'Break' | 'Continue' | 'Comment' }
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'StringLiteral'; value: string }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: Node[] }
  | { type: 'ObjectLiteral'; value: Map<Node, Node> }
  | { type: 'FilterExpression'; operand: Node; filter: Identifier | Call }
  | { type: 'FilterStatement'; filter: Identifier | Call; body: Node[] }
  | { type: 'SelectExpression'; lhs: Node; test: Node }
  | { type: 'TestExpression'; operand: Node; negate: boolean; test: Identifier | Call }
  | { type: 'UnaryExpression'; operator: Operator; argument: Node }
  | { type: 'SpreadExpression' | 'KeywordSpreadExpression'; argument: Node }
  | { type: 'Ternary'; condition: Node; trueExpr: Node; falseExpr: Node };
