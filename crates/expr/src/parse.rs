//! Text → tree (a Pratt parser) and tree → text or JSON.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::{ExprError, MAX_DEPTH, MAX_HEIGHT, MAX_SOURCE, Value};

/// A node with its place in the source.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: (usize, usize),
    pub(crate) kind: Kind,
    /// Levels of the tree from here down.
    height: usize,
}

impl Node {
    fn new(span: (usize, usize), kind: Kind) -> Result<Node, ExprError> {
        let below = match &kind {
            Kind::Lit(_) | Kind::Name(_) => 0,
            Kind::Get(inner, _) | Kind::Not(inner) | Kind::Neg(inner) => inner.height,
            Kind::Binary(_, a, b) | Kind::Quantifier(_, a, _, b) => a.height.max(b.height),
            Kind::If(a, b, c) => a.height.max(b.height).max(c.height),
            Kind::Call(_, items) | Kind::List(items) => items.iter().map(|item| item.height).max().unwrap_or(0),
        };
        // Whatever walks the tree calls itself once a level.
        if below >= MAX_HEIGHT {
            return Err(ExprError::new(span, format!("more than {MAX_HEIGHT} operations one upon the other")));
        }
        Ok(Node { span, kind, height: below + 1 })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Lit(Value),
    Name(String),
    Get(Box<Node>, String),
    Not(Box<Node>),
    Neg(Box<Node>),
    Binary(Op, Box<Node>, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    /// `list.exists(x, body)` (`true`) or `list.all(x, body)` (`false`).
    Quantifier(bool, Box<Node>, String, Box<Node>),
    List(Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Add,
    Sub,
    Mul,
}

impl Op {
    pub(crate) const ALL: [(Op, &'static str, u8); 12] = [
        (Op::Or, "||", 1),
        (Op::And, "&&", 2),
        (Op::Eq, "==", 3),
        (Op::Ne, "!=", 3),
        (Op::Le, "<=", 3),
        (Op::Ge, ">=", 3),
        (Op::Lt, "<", 3),
        (Op::Gt, ">", 3),
        (Op::In, "in", 3),
        (Op::Add, "+", 4),
        (Op::Sub, "-", 4),
        (Op::Mul, "*", 5),
    ];

    pub(crate) fn text(self) -> &'static str {
        Self::ALL.iter().find(|(op, _, _)| *op == self).map_or("", |(_, text, _)| text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Size,
    Has,
    Age,
    Today,
    WorkdaysAfter,
    InRegion,
    Bhm,
    Sum,
}

impl Function {
    const ALL: [(Function, &'static str, usize); 8] = [
        (Function::Size, "size", 1),
        (Function::Has, "has", 1),
        (Function::Age, "age", 1),
        (Function::Today, "today", 0),
        (Function::WorkdaysAfter, "workdays_after", 2),
        (Function::InRegion, "in_region", 2),
        (Function::Bhm, "bhm", 0),
        (Function::Sum, "sum", 2),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(function, _, _)| *function == self).map_or("", |(_, name, _)| name)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Value(Value),
    Word(String),
    Sign(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 21] =
    ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "?", ":", "(", ")", "[", "]", ",", ".", "/"];

pub(crate) fn parse(source: &str) -> Result<Node, ExprError> {
    if source.len() > MAX_SOURCE {
        return Err(ExprError::new(
            (MAX_SOURCE, MAX_SOURCE),
            format!("an expression is at most {MAX_SOURCE} bytes long"),
        ));
    }
    let tokens = tokens(source)?;
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let node = parser.ternary()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(ExprError::new(parser.span(), "this does not belong to the expression before it")),
    }
}

fn tokens(source: &str) -> Result<Vec<(Token, (usize, usize))>, ExprError> {
    let bytes = source.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let byte = bytes[at];
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if byte.is_ascii_digit() {
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            let decimal = bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            if decimal {
                at += 1;
                while at < bytes.len() && bytes[at].is_ascii_digit() {
                    at += 1;
                }
            }
            let text = &source[start..at];
            let value = if decimal {
                Decimal::from_str_exact(text).ok().map(Value::Dec)
            } else {
                i64::from_str(text).ok().map(Value::Int)
            };
            let value = value.ok_or_else(|| ExprError::new((start, at), "this number is too large"))?;
            out.push((Token::Value(value), (start, at)));
            continue;
        }
        if byte.is_ascii_alphabetic() || byte == b'_' {
            while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                at += 1;
            }
            let token = match &source[start..at] {
                "true" => Token::Value(Value::Bool(true)),
                "false" => Token::Value(Value::Bool(false)),
                "null" => Token::Value(Value::Unknown),
                "in" => Token::Sign("in"),
                word => Token::Word(word.to_owned()),
            };
            out.push((token, (start, at)));
            continue;
        }
        if byte == b'"' || byte == b'\'' {
            let mut text = String::new();
            let mut chars = source[start + 1..].char_indices();
            let end = loop {
                match chars.next() {
                    Some((_, '\\')) => match chars.next() {
                        Some((_, escaped @ ('\\' | '"' | '\''))) => text.push(escaped),
                        Some((_, 'n')) => text.push('\n'),
                        Some((i, _)) => {
                            let place = start + 1 + i;
                            return Err(ExprError::new((place, place + 1), "after a backslash comes \\, \", ' or n"));
                        }
                        None => return Err(ExprError::new((start, source.len()), "the closing quote is missing")),
                    },
                    Some((i, c)) if c == char::from(byte) => break start + 1 + i + 1,
                    Some((_, c)) => text.push(c),
                    None => return Err(ExprError::new((start, source.len()), "the closing quote is missing")),
                }
            };
            at = end;
            out.push((Token::Value(Value::Str(text)), (start, at)));
            continue;
        }
        match SIGNS.iter().find(|sign| source[at..].starts_with(**sign)) {
            Some(&"/") => return Err(ExprError::new((at, at + 1), "there is no division: multiply by a decimal")),
            Some(sign) => {
                at += sign.len();
                out.push((Token::Sign(sign), (start, at)));
            }
            None => {
                let width = source[at..].chars().next().map_or(1, char::len_utf8);
                let hint = if byte == b'=' { "compare with ==" } else { "this sign means nothing here" };
                return Err(ExprError::new((at, at + width), hint));
            }
        }
    }
    out.push((Token::End, (source.len(), source.len())));
    Ok(out)
}

struct Parser {
    tokens: Vec<(Token, (usize, usize))>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn span(&self) -> (usize, usize) {
        self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    fn last_end(&self) -> usize {
        self.tokens[self.at.saturating_sub(1).min(self.tokens.len() - 1)].1.1
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        if found {
            self.at += 1;
        }
        found
    }

    fn need(&mut self, sign: &str) -> Result<(), ExprError> {
        if self.eat(sign) { Ok(()) } else { Err(ExprError::new(self.span(), format!("here {sign} is missing"))) }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, ExprError>) -> Result<T, ExprError> {
        if self.depth >= MAX_DEPTH {
            return Err(ExprError::new(self.span(), format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn ternary(&mut self) -> Result<Node, ExprError> {
        self.deeper(|parser| {
            let condition = parser.binary(1)?;
            if !parser.eat("?") {
                return Ok(condition);
            }
            let yes = parser.ternary()?;
            parser.need(":")?;
            let no = parser.ternary()?;
            let span = (condition.span.0, no.span.1);
            Node::new(span, Kind::If(Box::new(condition), Box::new(yes), Box::new(no)))
        })
    }

    fn binary(&mut self, lowest: u8) -> Result<Node, ExprError> {
        let mut left = self.unary()?;
        let mut links = 0;
        loop {
            let Token::Sign(sign) = *self.peek() else { return Ok(left) };
            let Some((op, _, power)) = Op::ALL.into_iter().find(|(_, text, _)| *text == sign) else { return Ok(left) };
            if power < lowest {
                return Ok(left);
            }
            // A long chain is a deep tree on its left side.
            links += 1;
            if links > MAX_DEPTH {
                return Err(ExprError::new(self.span(), format!("more than {MAX_DEPTH} parts in a row")));
            }
            self.at += 1;
            let right = self.deeper(|parser| parser.binary(power + 1))?;
            let span = (left.span.0, right.span.1);
            left = Node::new(span, Kind::Binary(op, Box::new(left), Box::new(right)))?;
        }
    }

    fn unary(&mut self) -> Result<Node, ExprError> {
        let start = self.span().0;
        for (sign, make) in [("!", Kind::Not as fn(Box<Node>) -> Kind), ("-", Kind::Neg as fn(Box<Node>) -> Kind)] {
            if self.eat(sign) {
                let inner = self.deeper(Self::unary)?;
                return Node::new((start, inner.span.1), make(Box::new(inner)));
            }
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Result<Node, ExprError> {
        let mut node = self.primary()?;
        let mut links = 0;
        while self.eat(".") {
            links += 1;
            if links > MAX_DEPTH {
                return Err(ExprError::new(self.span(), format!("a path of more than {MAX_DEPTH} names")));
            }
            let name_span = self.span();
            let Token::Word(name) = self.next() else {
                return Err(ExprError::new(name_span, "after a dot comes a name"));
            };
            if !self.eat("(") {
                node = Node::new((node.span.0, name_span.1), Kind::Get(Box::new(node), name))?;
                continue;
            }
            let some = match name.as_str() {
                "exists" => true,
                "all" => false,
                _ => return Err(ExprError::new(name_span, "a list knows exists(x, …) and all(x, …)")),
            };
            let variable_span = self.span();
            let Token::Word(variable) = self.next() else {
                return Err(ExprError::new(variable_span, "here the name of the element is missing"));
            };
            self.need(",")?;
            let body = self.ternary()?;
            self.need(")")?;
            let span = (node.span.0, self.last_end());
            node = Node::new(span, Kind::Quantifier(some, Box::new(node), variable, Box::new(body)))?;
        }
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, ExprError> {
        let span = self.span();
        match self.next() {
            Token::Value(value) => Node::new(span, Kind::Lit(value)),
            Token::Word(name) => {
                if !self.eat("(") {
                    return Node::new(span, Kind::Name(name));
                }
                if name == "date" {
                    return self.date(span);
                }
                let Some((function, _, arity)) = Function::ALL.into_iter().find(|(_, known, _)| *known == name) else {
                    let known: Vec<&str> = Function::ALL.iter().map(|(_, name, _)| *name).collect();
                    return Err(ExprError::new(
                        span,
                        format!("no such function; there are date, {}", known.join(", ")),
                    ));
                };
                let arguments = self.items(")")?;
                let span = (span.0, self.last_end());
                if arguments.len() != arity {
                    return Err(ExprError::new(span, format!("{name} takes {arity} value(s)")));
                }
                if function == Function::Has && !matches!(arguments[0].kind, Kind::Name(_) | Kind::Get(..)) {
                    return Err(ExprError::new(span, "has takes a name or a path"));
                }
                Node::new(span, Kind::Call(function, arguments))
            }
            Token::Sign("(") => {
                let inner = self.ternary()?;
                self.need(")")?;
                Ok(Node { span: (span.0, self.last_end()), ..inner })
            }
            Token::Sign("[") => {
                let items = self.items("]")?;
                Node::new((span.0, self.last_end()), Kind::List(items))
            }
            Token::End => Err(ExprError::new(span, "here a value is missing")),
            Token::Sign(_) => Err(ExprError::new(span, "here a value is expected")),
        }
    }

    /// A day written as `date("2026-11-21")`; the bracket is behind us.
    fn date(&mut self, start: (usize, usize)) -> Result<Node, ExprError> {
        let span = self.span();
        let day = match self.next() {
            // Exactly ten characters: what jiff reads besides, such as a time, is no day.
            Token::Value(Value::Str(text)) if text.len() == 10 => text.parse().ok(),
            _ => None,
        };
        let Some(day) = day else {
            return Err(ExprError::new(span, "here a day that exists is missing, such as \"2026-11-21\""));
        };
        self.need(")")?;
        Node::new((start.0, self.last_end()), Kind::Lit(Value::Date(day)))
    }

    fn items(&mut self, close: &str) -> Result<Vec<Node>, ExprError> {
        let mut items = Vec::new();
        if self.eat(close) {
            return Ok(items);
        }
        loop {
            items.push(self.ternary()?);
            if self.eat(close) {
                return Ok(items);
            }
            self.need(",")?;
        }
    }
}

pub(crate) fn names(node: &Node, bound: &mut Vec<String>, out: &mut Vec<String>) {
    match &node.kind {
        Kind::Lit(_) => {}
        Kind::Name(name) => {
            if !bound.contains(name) && !out.contains(name) {
                out.push(name.clone());
            }
        }
        Kind::Get(inner, _) | Kind::Not(inner) | Kind::Neg(inner) => names(inner, bound, out),
        Kind::Binary(_, a, b) => {
            names(a, bound, out);
            names(b, bound, out);
        }
        Kind::If(a, b, c) => {
            for part in [a, b, c] {
                names(part, bound, out);
            }
        }
        Kind::Call(_, items) | Kind::List(items) => {
            for item in items {
                names(item, bound, out);
            }
        }
        Kind::Quantifier(_, list, variable, body) => {
            names(list, bound, out);
            bound.push(variable.clone());
            names(body, bound, out);
            bound.pop();
        }
    }
}

/// Every name with the path that follows it, `row.amount`, those bound by `exists` and `all` left out.
pub(crate) fn paths(node: &Node, bound: &mut Vec<String>, out: &mut Vec<String>) {
    fn path(node: &Node) -> Option<String> {
        match &node.kind {
            Kind::Name(name) => Some(name.clone()),
            Kind::Get(inner, name) => path(inner).map(|inner| format!("{inner}.{name}")),
            _ => None,
        }
    }
    match &node.kind {
        Kind::Lit(_) => {}
        Kind::Name(_) | Kind::Get(..) => match (path(node), &node.kind) {
            (Some(path), _) => {
                let root = path.split('.').next().unwrap_or_default();
                if !bound.iter().any(|name| name == root) && !out.contains(&path) {
                    out.push(path);
                }
            }
            (None, Kind::Get(inner, _)) => paths(inner, bound, out),
            (None, _) => {}
        },
        Kind::Not(inner) | Kind::Neg(inner) => paths(inner, bound, out),
        Kind::Binary(_, a, b) => {
            paths(a, bound, out);
            paths(b, bound, out);
        }
        Kind::If(a, b, c) => {
            for part in [a, b, c] {
                paths(part, bound, out);
            }
        }
        Kind::Call(_, items) | Kind::List(items) => {
            for item in items {
                paths(item, bound, out);
            }
        }
        Kind::Quantifier(_, list, variable, body) => {
            paths(list, bound, out);
            bound.push(variable.clone());
            paths(body, bound, out);
            bound.pop();
        }
    }
}

pub(crate) fn to_json(node: &Node) -> Json {
    match &node.kind {
        Kind::Lit(value) => json!(["lit", literal_json(value)]),
        Kind::Name(name) => json!(["name", name]),
        Kind::Get(inner, name) => json!(["get", to_json(inner), name]),
        Kind::Not(inner) => json!(["!", to_json(inner)]),
        Kind::Neg(inner) => json!(["neg", to_json(inner)]),
        Kind::Binary(op, a, b) => json!([op.text(), to_json(a), to_json(b)]),
        Kind::If(a, b, c) => json!(["?", to_json(a), to_json(b), to_json(c)]),
        Kind::Call(function, items) => {
            let mut out = vec![json!("call"), json!(function.name())];
            out.extend(items.iter().map(to_json));
            Json::Array(out)
        }
        Kind::Quantifier(some, list, variable, body) => {
            json!([if *some { "exists" } else { "all" }, to_json(list), variable, to_json(body)])
        }
        Kind::List(items) => {
            let mut out = vec![json!("list")];
            out.extend(items.iter().map(to_json));
            Json::Array(out)
        }
    }
}

fn literal_json(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => json!(truth),
        Value::Int(int) => json!(int),
        Value::Dec(decimal) => json!(decimal.to_string().parse::<f64>().unwrap_or_default()),
        Value::Str(text) => json!(text),
        // Dates of answers are texts there too, which sort as the days do.
        Value::Date(day) => json!(day.to_string()),
        _ => Json::Null,
    }
}

pub(crate) fn print(node: &Node) -> String {
    match &node.kind {
        Kind::Lit(Value::Str(text)) => {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("\"{escaped}\"")
        }
        Kind::Lit(Value::Dec(decimal)) => {
            let text = decimal.to_string();
            if text.contains('.') { text } else { format!("{text}.0") }
        }
        Kind::Lit(Value::Int(int)) => int.to_string(),
        Kind::Lit(Value::Bool(truth)) => truth.to_string(),
        Kind::Lit(Value::Date(day)) => format!("date(\"{day}\")"),
        Kind::Lit(_) => "null".to_owned(),
        Kind::Name(name) => name.clone(),
        Kind::Get(inner, name) => format!("{}.{name}", before_dot(inner)),
        Kind::Not(inner) => format!("!({})", print(inner)),
        Kind::Neg(inner) => format!("-({})", print(inner)),
        Kind::Binary(op, a, b) => format!("({} {} {})", print(a), op.text(), print(b)),
        Kind::If(a, b, c) => format!("({} ? {} : {})", print(a), print(b), print(c)),
        Kind::Call(function, items) => format!("{}({})", function.name(), joined(items)),
        Kind::Quantifier(some, list, variable, body) => {
            format!("{}.{}({variable}, {})", before_dot(list), if *some { "exists" } else { "all" }, print(body))
        }
        Kind::List(items) => format!("[{}]", joined(items)),
    }
}

/// What stands before a dot, which binds closer than a sign in front: `-(a).b` would be the negation of `a.b`.
fn before_dot(node: &Node) -> String {
    match node.kind {
        Kind::Not(_) | Kind::Neg(_) => format!("({})", print(node)),
        _ => print(node),
    }
}

fn joined(items: &[Node]) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(", ")
}
