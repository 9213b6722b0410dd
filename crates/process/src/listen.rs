//! Sockets at which others connect: by a path in the file system, or by an address of the internet.
//!
//! Invariant: nothing here blocks but [`connect`] to a path whose owner is busy.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::net::sockopt::{set_socket_reuseaddr, set_tcp_nodelay, socket_error};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, getsockname, listen as listen_at,
    socket_with,
};

/// Where a socket is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// A path.
    Path(PathBuf),
    /// A host and a port.
    Internet(SocketAddr),
}

fn socket(address: &Address, flags: SocketFlags) -> Result<OwnedFd, Errno> {
    let family = match address {
        Address::Path(_) => AddressFamily::UNIX,
        Address::Internet(SocketAddr::V4(_)) => AddressFamily::INET,
        Address::Internet(SocketAddr::V6(_)) => AddressFamily::INET6,
    };
    socket_with(family, SocketType::STREAM, flags | SocketFlags::CLOEXEC, None)
}

/// Waits for others at an address; gives that which the system has chosen, if it was to choose the port.
///
/// # Errors
///
/// If the address is taken, or not one's own.
pub fn listen(address: &Address, backlog: i32) -> Result<(OwnedFd, Address), Errno> {
    let socket = socket(address, SocketFlags::NONBLOCK)?;
    match address {
        Address::Path(path) => bind(&socket, &SocketAddrUnix::new(path)?)?,
        Address::Internet(place) => {
            set_socket_reuseaddr(&socket, true)?;
            bind(&socket, place)?;
        }
    }
    listen_at(&socket, backlog)?;
    let chosen = match address {
        Address::Path(_) => address.clone(),
        Address::Internet(_) => Address::Internet(getsockname(&socket)?.try_into()?),
    };
    Ok((socket, chosen))
}

/// Takes the first who has connected.
///
/// # Errors
///
/// `AGAIN` if there is none.
pub fn accept(listening: impl AsFd) -> Result<OwnedFd, Errno> {
    let socket = accept_with(listening, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
    // A path has nothing to delay.
    let _unfit = set_tcp_nodelay(&socket, true);
    Ok(socket)
}

/// Connects to one who listens; `true`: that is under way, until the descriptor is writable. See [`connected`].
///
/// # Errors
///
/// `CONNREFUSED` if nobody listens, `NOENT` if there is no such path, `INTR` for a signal.
pub fn connect(address: &Address) -> Result<(OwnedFd, bool), Errno> {
    match address {
        Address::Path(path) => {
            let socket = socket(address, SocketFlags::empty())?;
            rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
            Ok((socket, false))
        }
        Address::Internet(place) => {
            let socket = socket(address, SocketFlags::NONBLOCK)?;
            set_tcp_nodelay(&socket, true)?;
            match rustix::net::connect(&socket, place) {
                Ok(()) => Ok((socket, false)),
                Err(Errno::INPROGRESS) => Ok((socket, true)),
                Err(error) => Err(error),
            }
        }
    }
}

/// What became of a connection that was under way.
///
/// # Errors
///
/// Why it failed.
pub fn connected(socket: impl AsFd) -> Result<(), Errno> {
    socket_error(socket)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_connects_is_accepted_and_nobody_else() {
        let any_port = Address::Internet(([127, 0, 0, 1], 0).into());
        let (listening, address) = listen(&any_port, 1).expect("a free port");
        assert_ne!(address, any_port);
        assert!(matches!(accept(&listening), Err(Errno::AGAIN)));
        let (here, _under_way) = connect(&address).expect("somebody listens");
        let there = (0..1000).find_map(|_| accept(&listening).ok()).expect("somebody has connected");
        connected(&here).expect("it was accepted");
        rustix::io::write(&here, b"x").expect("room");
        drop(here);
        rustix::io::ioctl_fionbio(&there, false).expect("it is a socket");
        let mut byte = [0; 2];
        assert_eq!((rustix::io::read(&there, &mut byte), byte[0]), (Ok(1), b'x'));
        let nobody = Address::Path("/nonexistent/socket".into());
        assert_eq!(connect(&nobody).err(), Some(Errno::NOENT));
    }
}
