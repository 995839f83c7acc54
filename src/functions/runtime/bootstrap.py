"""The runtime of Python functions: fetches events from the Runtime API (2018-06-01) over an AF_UNIX socket, calls the
handler and posts what it gives. Started as: bootstrap.py API_SOCKET SERVER_PORT SERVER_SOCKET
(port 0: the server can be reached as it is, nothing is forwarded).

Errors have the form of AWS's Python runtime: errorMessage, errorType, requestId, stackTrace."""
import http.client
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("runtime")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


class Api:
    VERSION = "/2018-06-01/runtime"

    def __init__(self, path):
        self.connection = UnixConnection(path)

    def next(self):
        self.connection.request("GET", self.VERSION + "/invocation/next")
        answer = self.connection.getresponse()
        return answer.headers, answer.read()

    def post(self, path, body, headers=()):
        self.connection.request("POST", self.VERSION + path, body, dict(headers))
        self.connection.getresponse().read()

    def respond(self, request_id, body):
        self.post(f"/invocation/{request_id}/response", body, {"Content-Type": "application/json"})

    def fail(self, path, error):
        body = json.dumps(error).encode()
        self.post(path, body, {"Lambda-Runtime-Function-Error-Type": "Unhandled"})


class Identity:
    def __init__(self, content):
        self.cognito_identity_id = content.get("cognitoIdentityId")
        self.cognito_identity_pool_id = content.get("cognitoIdentityPoolId")


class ClientContext:
    def __init__(self, content):
        self.client = content.get("client")
        self.custom = content.get("custom")
        self.env = content.get("env")


class Context:
    """What a handler learns of its invocation."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity({})
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = ClientContext(json.loads(client)) if client else None

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        print(message, end="")


class LogHandler(logging.Handler):
    """Lines as AWS writes them; \\r holds the lines of one record together."""

    request_id = ""

    def emit(self, record):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = f"[{record.levelname}]\t{stamp}.{int(record.msecs):03d}Z\t{self.request_id}\t{self.format(record)}"
        sys.stdout.write(text.replace("\n", "\r") + "\n")


class Trouble(Exception):
    """Something that keeps the handler from being called."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.error = {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": list(trace)}


def own_frames(trace):
    """The frames of the function itself, without those of this file and of importing."""
    own = [f for f in trace if f.filename != __file__ and not f.filename.startswith("<frozen importlib")]
    while own and os.path.basename(os.path.dirname(own[0].filename)) == "importlib":
        own = own[1:]
    return [f'  File "{f.filename}", line {f.lineno}, in {f.name}\n    {f.line}\n' for f in own]


def describe(error, request_id):
    trace = traceback.extract_tb(error.__traceback__)
    return {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": request_id,
            "stackTrace": own_frames(trace)}


def report(error):
    text = f"[ERROR] {error['errorType']}: {error['errorMessage']}\n"
    if error["stackTrace"]:
        text += "Traceback (most recent call last):\n" + "".join(error["stackTrace"])
    sys.stdout.write(text.rstrip("\n").replace("\n", "\r") + "\n")
    sys.stdout.flush()


def load_handler(handler):
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as error:
        raise Trouble("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {error}") from error
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Trouble("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Trouble("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}",
                      trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError as error:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Trouble("Runtime.HandlerNotFound", message) from error


def patch_old_botocore():
    """botocore before 1.31 does not know AWS_ENDPOINT_URL: each client is then made with it, once botocore is there."""

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name != "botocore.session":
                return None
            sys.meta_path.remove(Finder)
            spec = importlib.util.find_spec(name)
            if spec is None:
                return None
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                import botocore
                version = tuple(int(part) for part in botocore.__version__.split(".")[:2])
                if version < (1, 31):
                    honour_endpoint_url(module.Session)

            spec.loader.exec_module = exec_module
            return spec

    import importlib.util
    sys.meta_path.insert(0, Finder)


def honour_endpoint_url(session_class):
    create = session_class.create_client

    def create_client(self, service_name, region_name=None, api_version=None, use_ssl=True, verify=None,
                      endpoint_url=None, *more, **options):
        if endpoint_url is None and os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
            of_service = "AWS_ENDPOINT_URL_" + service_name.upper().replace("-", "_")
            endpoint_url = os.environ.get(of_service) or os.environ.get("AWS_ENDPOINT_URL")
        return create(self, service_name, region_name, api_version, use_ssl, verify, endpoint_url, *more, **options)

    session_class.create_client = create_client


def warn_of_version():
    wanted = os.environ.get("AWS_EXECUTION_ENV", "").replace("AWS_Lambda_python", "")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if wanted != here:
        print(f"WARNING: this machine has Python {here} only: a function for python{wanted} runs on it", flush=True)


def start_forwarding(port, path):
    if port == 0:
        return
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import forward
    sys.path.pop(0)
    forward.start([(port, path)])


def call(handler, api, headers, body, log_handler):
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    log_handler.request_id = request_id
    if headers.get("Lambda-Runtime-Trace-Id"):
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
    try:
        result = handler(json.loads(body), Context(headers))
        try:
            # AWS writes any text as UTF-8, not as escapes.
            answer = json.dumps(result, ensure_ascii=False, default=decimal_as_number).encode()
        except Exception as error:
            raise Trouble("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    except Trouble as trouble:
        error = dict(trouble.error, requestId=request_id)
        report(error)
        api.fail(f"/invocation/{request_id}/error", error)
    except Exception as raised:
        error = describe(raised, request_id)
        report(error)
        api.fail(f"/invocation/{request_id}/error", error)
    else:
        sys.stdout.flush()
        sys.stderr.flush()
        api.respond(request_id, answer)


def decimal_as_number(value):
    import decimal
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def main():
    api = Api(sys.argv[1])
    start_forwarding(int(sys.argv[2]), sys.argv[3])
    sys.stdout.reconfigure(line_buffering=True, encoding="utf-8", errors="replace")
    task_root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path[0] = task_root
    sys.argv = [sys.argv[0]]
    log_handler = LogHandler()
    logging.getLogger().addHandler(log_handler)
    patch_old_botocore()
    warn_of_version()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Trouble as trouble:
        report(trouble.error)
        api.fail("/init/error", trouble.error)
        sys.exit(1)
    except Exception as raised:
        error = describe(raised, "")
        report(error)
        api.fail("/init/error", error)
        sys.exit(1)
    while True:
        headers, body = api.next()
        call(handler, api, headers, body, log_handler)


if __name__ == "__main__":
    main()
