"""Loopback inside the sandbox, whose network has no other way out: what connects to 127.0.0.1:PORT reaches the
AF_UNIX socket that the server listens on outside.

forward.py PROGRAM PORT=SOCKET...: listens, then runs PROGRAM beside it and ends with its exit status."""
import os
import selectors
import socket
import sys
import threading

PIECE = 256 * 1024


class Direction:
    """Bytes on their way from one socket to another."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.waiting = b""
        self.ended = False

    def read(self):
        try:
            data = self.source.recv(PIECE)
        except BlockingIOError:
            return
        if data:
            self.waiting = data
        else:
            self.ended = True
        self.write()

    def write(self):
        if self.waiting:
            try:
                self.waiting = self.waiting[self.target.send(self.waiting):]
            except BlockingIOError:
                return
        if self.ended and not self.waiting:
            self.target.shutdown(socket.SHUT_WR)

    def done(self):
        return self.ended and not self.waiting


class Connection:
    def __init__(self, near, path):
        self.near = near
        self.far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.far.connect(path)
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        near.setblocking(False)
        self.far.setblocking(False)
        self.out = Direction(near, self.far)
        self.back = Direction(self.far, near)

    def wanted(self, sock):
        mine, other = (self.out, self.back) if sock is self.near else (self.back, self.out)
        events = 0
        if not mine.ended and not mine.waiting:
            events |= selectors.EVENT_READ
        if other.waiting:
            events |= selectors.EVENT_WRITE
        return events

    def ready(self, sock, events):
        mine, other = (self.out, self.back) if sock is self.near else (self.back, self.out)
        if events & selectors.EVENT_WRITE:
            other.write()
        if events & selectors.EVENT_READ:
            mine.read()

    def done(self):
        return self.out.done() and self.back.done()

    def close(self):
        self.near.close()
        self.far.close()


def serve(routes):
    """Runs for ever: `routes` are (listening socket, path of the AF_UNIX socket)."""
    selector = selectors.DefaultSelector()
    for listener, path in routes:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ, path)

    def watch(connection, sock):
        events = connection.wanted(sock)
        if sock in selector.get_map():
            if events:
                selector.modify(sock, events, connection)
            else:
                selector.unregister(sock)
        elif events:
            selector.register(sock, events, connection)

    def drop(connection):
        for sock in (connection.near, connection.far):
            if sock in selector.get_map():
                selector.unregister(sock)
        connection.close()

    while True:
        for key, events in selector.select():
            if isinstance(key.data, str):
                try:
                    near, _ = key.fileobj.accept()
                except OSError:
                    continue
                try:
                    connection = Connection(near, key.data)
                except OSError:
                    near.close()
                    continue
            else:
                connection = key.data
                if key.fileobj.fileno() < 0:
                    continue
                try:
                    connection.ready(key.fileobj, events)
                except OSError:
                    drop(connection)
                    continue
            if connection.done():
                drop(connection)
                continue
            for sock in (connection.near, connection.far):
                watch(connection, sock)


def start(routes):
    """Listens on each port of (port, path) and forwards in a thread of its own."""
    listeners = []
    for port, path in routes:
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        listeners.append((listener, path))
    threading.Thread(target=serve, args=(listeners,), name="forward", daemon=True).start()


def main():
    routes = []
    for argument in sys.argv[2:]:
        port, path = argument.split("=", 1)
        routes.append((int(port), path))
    start(routes)
    child = os.fork()
    if child == 0:
        try:
            os.execv(sys.argv[1], [sys.argv[1]])
        except OSError as error:
            print(f"bootstrap cannot be run: {error.strerror}", flush=True)
        os._exit(127)
    _, status = os.waitpid(child, 0)
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


if __name__ == "__main__":
    main()
