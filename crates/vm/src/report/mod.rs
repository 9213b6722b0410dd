//! The text of exceptions, as CPython's `traceback` writes it: chains of causes and contexts, groups as trees.

mod group;
mod message;
mod standard_library;
mod step;
mod suggestion;
mod unraisable;
mod width;

use toy_object::{ExceptionSlot, Owned, Ref, Value};

use crate::classes::ClassName;
use crate::thread::Vm;
use crate::traceback::Traceback;

pub use step::{StepPlace, TextExtent};
pub(crate) use suggestion::did_you_mean;

use group::Margin;

/// Steps of a traceback that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepLimit {
    /// All of them.
    All,
    /// So many up to the innermost.
    Last(usize),
}

/// What links an exception to the one shown before it.
const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";

/// Levels of nested groups that are shown.
const MAXIMUM_GROUP_DEPTH: usize = 10;
/// Exceptions of one group that are shown.
const MAXIMUM_GROUP_WIDTH: usize = 15;

/// An exception in the report. Each is shown once, at the place that is found first.
struct Node {
    exception: Owned,
    /// The exception shown before it, and what links them.
    link: Option<(&'static str, usize)>,
    /// Of a group, the first of its exceptions, and their number in all.
    members: Option<(Vec<usize>, usize)>,
    /// Groups around it.
    depth: usize,
}

impl Vm {
    /// An exception with its traceback, its causes and contexts, as it is printed when nobody catches it. Ends with a newline.
    pub fn format_exception(&mut self, exception: Ref<'_>) -> String {
        // What formatting raises is swallowed, what is under way stays so.
        let under_way = self.raised.take();
        let limit = self.uncaught_limit();
        let nodes = self.report_nodes(exception);
        let mut margin = Margin::default();
        self.format_chain(&nodes, 0, limit, &mut margin);
        self.raised = under_way;
        margin.into_text() + &self.library_hint(exception)
    }

    /// The exceptions that a report shows, the one it is about first.
    fn report_nodes(&mut self, exception: Ref<'_>) -> Vec<Node> {
        let node = |exception: Owned, depth| Node { exception, link: None, members: None, depth };
        let mut nodes = vec![node(exception.to_owned(), 0)];
        let mut pending = vec![0];
        let is_new = |nodes: &[Node], other: &Owned| !nodes.iter().any(|node| node.exception.get().is(other.get()));
        while let Some(index) = pending.pop() {
            let (exception, depth) = (nodes[index].exception.clone(), nodes[index].depth);
            let slot = |slot| self.exception_slot(exception.get(), slot);
            let suppresses = slot(ExceptionSlot::SuppressContext).is_some_and(|flag| flag.value() == Value::TRUE);
            let cause = slot(ExceptionSlot::Cause).map(|cause| (CAUSE, cause));
            let cause = cause.filter(|(_, cause)| is_new(&nodes, cause));
            let context = slot(ExceptionSlot::Context).filter(|_| !suppresses).map(|context| (CONTEXT, context));
            let context = context.filter(|(_, context)| is_new(&nodes, context));
            if let Some((words, before)) = cause.or(context) {
                nodes[index].link = Some((words, nodes.len()));
                pending.push(nodes.len());
                nodes.push(node(before, depth));
            }
            if !self.is_instance_of(exception.get(), ClassName::BaseExceptionGroup) {
                continue;
            }
            let members = self.group_members(exception.get());
            let count = members.len();
            let shown = if depth > MAXIMUM_GROUP_DEPTH { 0 } else { MAXIMUM_GROUP_WIDTH };
            let first = nodes.len();
            nodes.extend(members.into_iter().take(shown).map(|member| node(member, depth + 1)));
            nodes[index].members = Some(((first..nodes.len()).collect(), count));
            pending.extend(first..nodes.len());
        }
        nodes
    }

    fn group_members(&self, group: Ref<'_>) -> Vec<Owned> {
        let detail = self.exception_slot(group, ExceptionSlot::Detail);
        let members = detail.as_ref().and_then(|detail| detail.get().as_tuple()?.get(1)?.as_tuple());
        members.map(|members| members.iter().map(Ref::to_owned).collect()).unwrap_or_default()
    }

    fn format_chain(&mut self, nodes: &[Node], last: usize, limit: StepLimit, margin: &mut Margin) {
        let mut chain = vec![last];
        while let Some((_, before)) = chain.last().and_then(|&index| nodes[index].link) {
            chain.push(before);
        }
        for (place, &index) in chain.iter().enumerate().rev() {
            if let Some((words, _)) = nodes[index].link.filter(|_| place + 1 < chain.len()) {
                margin.emit(words);
            }
            self.format_node(nodes, index, limit, margin);
        }
    }

    fn format_node(&mut self, nodes: &[Node], index: usize, limit: StepLimit, margin: &mut Margin) {
        let node = &nodes[index];
        let traceback = self.exception_slot(node.exception.get(), ExceptionSlot::Traceback);
        let traceback = traceback.filter(|traceback| !traceback.get().is_none());
        let Some((members, count)) = &node.members else {
            if let Some(traceback) = &traceback {
                let steps = self.format_traceback(traceback.get(), limit);
                if !steps.is_empty() {
                    margin.emit(&format!("Traceback (most recent call last):\n{steps}"));
                }
            }
            let message = self.exception_text(node.exception.get(), traceback.as_ref().map(Owned::get));
            margin.emit(&message);
            return;
        };
        if margin.depth() > MAXIMUM_GROUP_DEPTH {
            margin.emit(&format!("... (max_group_depth is {MAXIMUM_GROUP_DEPTH})\n"));
            return;
        }
        let is_outermost = margin.begin_group();
        if let Some(traceback) = &traceback {
            margin.emit_first("Exception Group Traceback (most recent call last):\n", is_outermost);
            let steps = self.format_traceback(traceback.get(), limit);
            margin.emit(&steps);
        }
        let message = self.exception_text(node.exception.get(), traceback.as_ref().map(Owned::get));
        margin.emit(&message);
        let more = count - members.len();
        let rows = members.len() + usize::from(more > 0);
        for row in 0..rows {
            let member = members.get(row);
            let title = member.map_or_else(|| "...".to_owned(), |_| (row + 1).to_string());
            margin.begin_member(row, rows, &title);
            match member {
                Some(&member) => self.format_chain(nodes, member, limit, margin),
                None => margin.emit(&format!("and {more} more exception{}\n", if more == 1 { "" } else { "s" })),
            }
            margin.end_member(row, rows);
        }
        margin.end_group(is_outermost);
    }

    /// The steps of a traceback with their lines, repetitions folded.
    fn format_traceback(&mut self, traceback: Ref<'_>, limit: StepLimit) -> String {
        let steps = self.traceback_steps(traceback, limit);
        step::fold(&steps, |step| self.format_step(step))
    }

    /// What each step of a traceback shows.
    fn traceback_steps(&mut self, traceback: Ref<'_>, limit: StepLimit) -> Vec<StepPlace> {
        let mut steps = Vec::new();
        let mut next = Some(traceback.to_owned());
        while let Some(owned) = next {
            let Some(traceback) = owned.get().payload::<Traceback>(self.heap()) else { break };
            steps.extend(self.step_place(traceback));
            next = traceback.next.borrow().clone();
        }
        match limit {
            StepLimit::All => {}
            StepLimit::Last(count) => drop(steps.drain(..steps.len().saturating_sub(count))),
        }
        steps
    }

    /// `sys.tracebacklimit`: how much is shown of what nobody caught.
    fn uncaught_limit(&mut self) -> StepLimit {
        let limit = self.sys_attribute("tracebacklimit").and_then(|limit| limit.get().as_int()?.to_i64());
        limit.map_or(StepLimit::All, |limit| StepLimit::Last(usize::try_from(limit).unwrap_or(0)))
    }

    /// What `sys` has under a name now; `None` while there is no `sys`.
    pub fn sys_attribute(&mut self, name: &str) -> Option<Owned> {
        let (sys, name) = (self.intern("sys").ok()?, self.intern(name).ok()?);
        let sys = self.machine().modules().as_dict()?.get_str(sys.get())?;
        sys.get().as_module(self.heap())?.dict().as_dict()?.get_str(name.get())
    }
}
