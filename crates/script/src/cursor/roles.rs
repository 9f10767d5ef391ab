//! What a text or a map's key means, by the brackets around it and the functions that take it.

use crate::api::{Form, FormKind, GROUPS, Group};
use crate::cursor::Role;
use crate::cursor::chain::{Chain, chain_ending_at, first_text, resolved};
use crate::cursor::frames::{Frame, open_brackets};
use crate::piece::{Piece, PieceKind};

/// The roles of texts at one place.
pub(super) struct Roles<'p, 't> {
    pieces: &'p [Piece<'t>],
    frames: Vec<Frame>,
    index: usize,
}

impl<'p, 't> Roles<'p, 't> {
    /// At this piece, which may not be there yet.
    pub(super) fn new(pieces: &'p [Piece<'t>], index: usize) -> Self {
        Self { pieces, frames: open_brackets(pieces, index), index }
    }

    /// The role of a text as a value.
    pub(super) fn of_value(&self) -> Role {
        if self.word_before(self.index) == Some("import") {
            return Role::Module;
        }
        if let Some(column) = self.compared_column() {
            return Role::Value(self.tables(), column);
        }
        match self.frames.len() {
            0 => Role::Other,
            depth => self.in_frame(depth - 1),
        }
    }

    /// The role of a key of the innermost map.
    pub(super) fn of_key(&self) -> Role {
        let level = self.frames.len().saturating_sub(1);
        let Some(around) = level.checked_sub(1).map(|around| self.frames[around]) else {
            return Role::Other;
        };
        match self.callee(&around) {
            Some("lookup") => self.looked_up(&around),
            Some("set" | "insert" | "rejects" | "example") => Role::Column(self.tables()),
            _ if self.key(&around) == Some("setting") => Role::Setting,
            _ => Role::Other,
        }
    }

    fn in_frame(&self, level: usize) -> Role {
        let frame = &self.frames[level];
        if frame.is_map {
            return self.in_map(level);
        }
        if frame.callee.is_some() {
            return self.argument(frame);
        }
        // A list: an arm of `set`, or several values where one could be.
        let Some(around) = level.checked_sub(1) else { return Role::Other };
        let is_list =
            |level: usize| self.frames[level].callee.is_none() && !self.frames[level].is_map;
        let set = around.checked_sub(1).map(|set| &self.frames[set]);
        match set {
            Some(set) if is_list(around) && self.callee(set) == Some("set") => {
                match frame.argument {
                    1 => self.set_value(set),
                    _ => Role::Other,
                }
            }
            _ if self.callee(&self.frames[around]) == Some("set") => Role::Other,
            _ => self.in_frame(around),
        }
    }

    fn in_map(&self, level: usize) -> Role {
        let Some(around) = level.checked_sub(1).map(|around| &self.frames[around]) else {
            return Role::Other;
        };
        match self.callee(around) {
            Some("lookup") => {
                let outer = self.frames[..level].iter().rev();
                let set = outer.clone().find(|frame| self.callee(frame) == Some("set"));
                set.map_or(Role::Other, |set| self.set_value(set))
            }
            Some("set" | "insert" | "rejects" | "example") => {
                let key = self.key(&self.frames[level]).map(str::to_owned);
                key.map_or(Role::Other, |column| Role::Value(self.tables(), column))
            }
            _ => Role::Other,
        }
    }

    /// The value that `.set("column", ...)` gives.
    fn set_value(&self, set: &Frame) -> Role {
        let column = set.callee.and_then(|callee| first_text(self.pieces, callee));
        column.map_or(Role::Other, |column| Role::Value(self.tables(), column.to_owned()))
    }

    /// The values of the column that a lookup reads.
    fn looked_up(&self, lookup: &Frame) -> Role {
        let column = lookup.callee.and_then(|callee| first_text(self.pieces, callee));
        column.map_or(Role::Other, |column| Role::Value(self.tables(), column.to_owned()))
    }

    /// What the reference says of a call's argument, by the names of its parameters.
    fn argument(&self, frame: &Frame) -> Role {
        let Some(callee) = frame.callee else { return Role::Other };
        let name = self.pieces[callee].text;
        let is_method = callee.checked_sub(1).is_some_and(|dot| self.pieces[dot].is("."));
        match (name, frame.argument) {
            ("set", 1) => return self.set_value(frame),
            ("example", 3) => {
                let column = self.text_before(callee);
                return column.map_or(Role::Other, |column| Role::Value(self.tables(), column));
            }
            ("is_one_of" | "count" | "share" | "between" | "contains", _) if is_method => {
                let column = callee.checked_sub(2).and_then(|last| self.column_of(last));
                return column.map_or(Role::Other, |column| Role::Value(self.tables(), column));
            }
            _ => {}
        }
        let parameter = parameter(name, is_method, frame.argument);
        match (parameter.as_deref(), name) {
            (Some("table"), _) | (Some("name"), "table" | "has_table") => Role::Table,
            (Some("column" | "columns" | "group"), _)
            | (Some("name"), "col" | "col_or" | "outer" | "column") => Role::Column(self.tables()),
            (Some("file"), "run_sql") => Role::SqlFile,
            _ => Role::Other,
        }
    }

    /// The third argument of an example, which is the text before its last.
    fn text_before(&self, callee: usize) -> Option<String> {
        let before = self.pieces[callee..self.index].iter().rev();
        let mut texts = before.filter(|piece| piece.kind == PieceKind::Quoted);
        let column = texts.next()?.text.trim_matches('"');
        Some(column.rsplit('.').next().unwrap_or(column).to_owned())
    }

    /// The column that a text is compared with: `col("a") == "..."`.
    fn compared_column(&self) -> Option<String> {
        let begins = self.frames.last().map_or(0, |frame| frame.begins);
        let is_sign = |at: usize| {
            let piece = &self.pieces[at];
            piece.kind == PieceKind::Sign && ["=", "!", "<", ">"].contains(&piece.text)
        };
        let signs = (begins..self.index).rev().take_while(|&at| is_sign(at)).count();
        // A single `=` declares a variable.
        let assigns = signs == 1 && self.pieces[self.index - 1].is("=");
        match signs {
            0 => None,
            _ if assigns => None,
            signs => self.column_of(self.index.checked_sub(signs + 1)?),
        }
    }

    /// The column that an expression with this last piece begins with.
    fn column_of(&self, last: usize) -> Option<String> {
        let chain = resolved(self.pieces, chain_ending_at(self.pieces, last)?);
        let is_column = ["col", "col_or"].contains(&self.pieces[chain.0[0]].text);
        let name = first_text(self.pieces, chain.0[0]).filter(|_| is_column);
        name.map(str::to_owned)
    }

    /// The tables that a column here may be of: that of the chain around, else those that the script names.
    fn tables(&self) -> Vec<String> {
        for frame in self.frames.iter().rev() {
            let Some(callee) = frame.callee else { continue };
            if self.pieces[callee].is("related") && frame.argument > 0 {
                return first_text(self.pieces, callee).map(str::to_owned).into_iter().collect();
            }
            let Some(dot) = callee.checked_sub(1).filter(|&dot| self.pieces[dot].is(".")) else {
                continue;
            };
            let chain = dot.checked_sub(1).and_then(|last| chain_ending_at(self.pieces, last));
            let Some(Chain(links)) = chain.map(|chain| resolved(self.pieces, chain)) else {
                continue;
            };
            let in_related = self.pieces[links[0]].is("related");
            // A column of the row itself, among those of related rows.
            if in_related && self.callee(&self.frames[self.frames.len() - 1]) == Some("outer") {
                continue;
            }
            if self.pieces[links[0]].is("parent") {
                return vec![];
            }
            if is_of_table(self.pieces[links[0]].text)
                && let Some(table) = first_text(self.pieces, links[0])
            {
                return vec![table.to_owned()];
            }
        }
        self.tables_of_script()
    }

    fn tables_of_script(&self) -> Vec<String> {
        let mut tables: Vec<String> = Vec::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            let named =
                (piece.is("update") || piece.is("table")).then(|| first_text(self.pieces, at));
            if let Some(name) = named.flatten()
                && !tables.iter().any(|known| known == name)
            {
                tables.push(name.to_owned());
            }
        }
        tables
    }

    fn callee(&self, frame: &Frame) -> Option<&'t str> {
        frame.callee.map(|callee| self.pieces[callee].text)
    }

    fn key(&self, frame: &Frame) -> Option<&'t str> {
        frame.key.map(|key| self.pieces[key].text.trim_matches('"'))
    }

    fn word_before(&self, index: usize) -> Option<&'t str> {
        index.checked_sub(1).map(|before| self.pieces[before].text)
    }
}

fn is_of_table(function: &str) -> bool {
    ["update", "table", "related"].contains(&function)
}

/// The name of a function's parameter, in the first form that has so many; a method's own value is none.
fn parameter(name: &str, is_method: bool, argument: usize) -> Option<String> {
    let forms = GROUPS.iter().flat_map(Group::functions).flat_map(|one| one.forms);
    let kind = if is_method { FormKind::Method } else { FormKind::Function };
    let own = usize::from(is_method);
    let named = forms.map(|form| Form::parse(form)).filter(|form| form.name == name);
    let mut fitting = named.filter(|form| form.kind == kind);
    fitting.find_map(|form| form.parameters.get(argument + own).map(|(name, _)| name.clone()))
}
