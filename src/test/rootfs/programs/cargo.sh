# A crate with a library, a program, tests and documentation tests; no network, no other crates.
export HOME=/tmp CARGO_NET_OFFLINE=true CARGO_TERM_COLOR=never USER=root
cd /tmp; cargo new --quiet --vcs none --name many crate; cd crate
cat >src/lib.rs <<'E'
//! ```
//! assert_eq!(many::sum(3), 3);
//! ```
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

pub fn sum(n: u64) -> u64 {
    let total = Arc::new(Mutex::new(0));
    let (sender, receiver) = mpsc::channel();
    let threads: Vec<_> = (0..n)
        .map(|i| {
            let (total, sender) = (total.clone(), sender.clone());
            thread::spawn(move || { *total.lock().unwrap() += i; sender.send(i).unwrap(); })
        })
        .collect();
    drop(sender);
    threads.into_iter().for_each(|t| t.join().unwrap());
    assert_eq!(receiver.iter().sum::<u64>(), *total.lock().unwrap());
    let sum = *total.lock().unwrap();
    sum
}

#[test]
fn small() { assert_eq!(sum(5), 10); }
#[test]
fn large() { assert_eq!(sum(100), 4950); }
#[test]
#[should_panic(expected = "index out of bounds")]
fn panics() { let v: Vec<i32> = vec![]; let i = v.len(); println!("{}", v[i]); }
E
cat >src/main.rs <<'E'
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

fn main() {
    println!("{}", many::sum(50));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        stream.write_all(text.to_uppercase().as_bytes()).unwrap();
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"hello").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    server.join().unwrap();
    println!("{text}");
    println!("{:?}", Command::new("sh").args(["-c", "exit 3"]).status().unwrap());
    println!("{}", std::panic::catch_unwind(|| panic!("caught")).is_err());
}
E
cargo build --quiet --release && cargo run --quiet --release 2>/dev/null
cargo test 2>/dev/null | sed 's/; finished in.*//' | grep 'test ' | sort
touch src/main.rs; cargo build 2>&1 | grep -c 'Compiling many'
E=$(ls target/debug/many); echo "$E"
