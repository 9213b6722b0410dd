//! Messages through a connection: whole frames, what is read in advance, and the descriptors that come with a message.
//!
//! Invariant: who is called here has the connection's turn to read or to write.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_process::wire::{Arrival, Frame, FrameError, FrameKind, FrameReader, Outgoing};
use toy_vm::{ClassName, Outcome, Raised, Transfer, Vm};

use super::connection::Connection;
use super::frame::{Inbound, Receive, Send, pass_glance, receive_descriptors, send_descriptors};
use crate::io::descriptor::Descriptor;

/// Longest message.
const LIMIT: u64 = i64::MAX as u64;
/// Descriptors that may come with one message.
const MOST_DESCRIPTORS: u64 = 1 << 16;

impl Connection {
    fn take_reader(&self) -> FrameReader {
        self.reader.take().unwrap_or_else(|| FrameReader::new(LIMIT))
    }

    /// Reads the next frame; `None`: the stream has ended. The caller is the one who reads.
    fn receive(&self, vm: &mut Vm, descriptor: Arc<OwnedFd>) -> Outcome<Option<Frame>> {
        if let Some(frame) = self.inbound.borrow_mut().pop_front() {
            return Ok(Some(frame));
        }
        let mut receive = Receive { descriptor, reader: self.take_reader(), arrived: None, fault: None };
        let transferred = transfer(vm, &mut receive);
        let Receive { reader, arrived, fault, .. } = receive;
        // Behind a part of a message that will never be complete comes the end.
        let is_cut_off = matches!(fault, Some(FrameError::Truncated { .. }));
        *self.reader.borrow_mut() = if is_cut_off { None } else { Some(reader) };
        transferred?;
        match (arrived, fault) {
            (Some(Arrival::Frame(frame)), _) => Ok(Some(frame)),
            (_, Some(fault)) => Err(raise_fault(vm, &fault)),
            _ => Ok(None),
        }
    }

    /// Reads what has arrived, without waiting.
    fn read_in_advance(&self, vm: &Vm, descriptor: &Arc<OwnedFd>) {
        if !self.reading.try_acquire(vm) {
            return;
        }
        let reader = self.take_reader();
        let mut receive = Receive { descriptor: Arc::clone(descriptor), reader, arrived: None, fault: None };
        while receive.attempt().is_ok() {
            match receive.arrived.take() {
                Some(Arrival::Frame(frame)) => {
                    // Behind it come descriptors, which are no bytes.
                    self.is_exhausted.set(frame.kind == FrameKind::Control);
                    self.inbound.borrow_mut().push_back(frame);
                }
                _ => self.is_exhausted.set(true),
            }
            if self.is_exhausted.get() {
                break;
            }
        }
        *self.reader.borrow_mut() = Some(receive.reader);
        self.reading.release(vm);
    }

    fn inbound_state(&self) -> Inbound {
        if !self.is_readable.get() || self.is_exhausted.get() {
            Inbound::Closed
        } else if self.reading.is_held() {
            Inbound::Read
        } else {
            Inbound::Unread
        }
    }

    /// Sends a frame. The caller is the one who writes.
    fn send(&self, vm: &mut Vm, descriptor: Arc<OwnedFd>, kind: FrameKind, payload: &[u8]) -> Outcome<()> {
        let outgoing = Outgoing::new(kind, payload);
        let mut send = Send { descriptor: Arc::clone(&descriptor), outgoing, inbound: Inbound::Closed };
        loop {
            send.inbound = self.inbound_state();
            if vm.is_virtual() || vm.conditions().ordered_io {
                match send.attempt() {
                    Err(Errno::AGAIN | Errno::INTR) => {}
                    Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
                    Ok(_) => return Ok(()),
                }
                if send.inbound == Inbound::Unread {
                    self.read_in_advance(vm, &descriptor);
                }
                let waited = if vm.is_virtual() {
                    pass_glance(vm, &descriptor)
                } else {
                    vm.released(ReleaseCause::Io, || send.wait()).map(drop)
                };
                if waited.is_err() {
                    vm.check_signals()?;
                }
                continue;
            }
            if transfer(vm, &mut send)? == 1 {
                return Ok(());
            }
            self.read_in_advance(vm, &descriptor);
        }
    }
}

/// Makes a transfer, whatever signals come, but for Ctrl-C.
fn transfer(vm: &mut Vm, transfer: &mut impl Transfer<Output = usize>) -> Outcome<usize> {
    loop {
        match vm.transfer(transfer) {
            Err(Errno::INTR) => vm.check_signals()?,
            result => return result.map_err(|error| vm.raise_os_error(&error.into(), None)),
        }
    }
}

#[cold]
fn raise_fault(vm: &mut Vm, fault: &FrameError) -> Raised {
    match fault {
        FrameError::Truncated { .. } => vm.raise(ClassName::OsError, "got end of file during message"),
        FrameError::Memory { .. } => toy_object::OutOfMemory.into(),
        fault => vm.raise(ClassName::OsError, fault.to_string()),
    }
}

/// What arrived: the bytes, and the descriptors that came with them.
type Parcel = (Vec<u8>, Vec<Descriptor>);

impl Connection {
    /// Sends bytes, and descriptors with them.
    pub(super) fn send_parcel(
        &self,
        vm: &mut Vm,
        descriptor: Arc<OwnedFd>,
        payload: &[u8],
        descriptors: &[Descriptor],
    ) -> Outcome<()> {
        if !descriptors.is_empty() {
            let count = (descriptors.len() as u64).to_le_bytes();
            self.send(vm, Arc::clone(&descriptor), FrameKind::Control, &count)?;
            send_descriptors(vm, &descriptor, descriptors)?;
        }
        self.send(vm, descriptor, FrameKind::Bytes, payload)
    }

    /// `None`: the stream has ended.
    pub(super) fn receive_parcel(&self, vm: &mut Vm, descriptor: Arc<OwnedFd>) -> Outcome<Option<Parcel>> {
        let Some(frame) = self.receive(vm, Arc::clone(&descriptor))? else { return Ok(None) };
        if frame.kind != FrameKind::Control {
            return Ok(Some((frame.payload, Vec::new())));
        }
        let count = frame.payload.try_into().ok().map(u64::from_le_bytes).filter(|&count| count <= MOST_DESCRIPTORS);
        let Some(count) = count else { return Err(vm.raise(ClassName::OsError, "bad number of descriptors")) };
        let descriptors = receive_descriptors(vm, &descriptor, count as usize)?;
        self.is_exhausted.set(false);
        let Some(frame) = self.receive(vm, descriptor)? else { return Ok(None) };
        Ok(Some((frame.payload, descriptors)))
    }
}
