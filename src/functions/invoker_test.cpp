// Real processes in real sandboxes. Where bubblewrap cannot be used the tests that need it are skipped.
#include "functions/invoker.h"

#include <arpa/inet.h>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/id.h"
#include "functions/test_zip.h"
#include "store/memory.h"

namespace functions {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

// A server that answers every connection with the same bytes.
class OneAnswerServer {
public:
    explicit OneAnswerServer(std::string answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(listener_, 16);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~OneAnswerServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    std::uint16_t port() const { return port_; }

private:
    void run() {
        for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd)) {
            char request[4096];
            if (::read(fd, request, sizeof(request)) <= 0) continue;
            if (::send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) continue;
            ::shutdown(fd, SHUT_WR);
            while (::read(fd, request, sizeof(request)) > 0) {
            }
        }
    }
    std::string answer_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

class InvokerTest : public testing::Test {
protected:
    std::unique_ptr<store::Records> records = store::memory_records();
    std::unique_ptr<store::Blobs> blobs = store::memory_blobs();
    base::SystemClock clock;
    base::SystemRandom random;
    Store store{*records, *blobs, clock, random};
    OneAnswerServer server{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"};
    InvokerOptions options;
    std::mutex mutex;
    std::vector<std::string> lines;
    std::set<std::string> groups;
    std::unique_ptr<Invoker> invoker;

    void SetUp() override {
        options.server.port = server.port();
        options.endpoint_url = "http://127.0.0.1:" + std::to_string(server.port());
        options.async_threads = 1;
        options.async_pauses = {10ms};
        options.sandbox.processes_max = 64;
        start();
        if (!invoker->sandbox_trouble().empty()) GTEST_SKIP() << invoker->sandbox_trouble();
    }
    void start() {
        InvokerJoints joints;
        joints.credentials_for = [this](const Function&) -> Result<Credentials> {
            return Credentials{"ASIAKEY", "secret", "token", clock.now() + 1h};
        };
        joints.write_logs = [this](const LogBatch& batch) {
            std::lock_guard lock(mutex);
            for (const auto& line : batch.lines) {
                lines.push_back(line.text);
                groups.insert(batch.group);
            }
        };
        invoker = *Invoker::start(store, *records, clock, random, options, std::move(joints));
    }
    Function make(const std::string& code, const std::string& name = "f", int timeout = 20) {
        Config config;
        config.runtime = "python3.11";
        config.handler = "code.handler";
        config.timeout_seconds = timeout;
        config.environment = {{"GREETING", "hello"}};
        auto made =
            store.create({"123456789012", "eu-west-1", name}, config, zip_of({{"code.py", code}}), {});
        EXPECT_TRUE(made.ok());
        return *made;
    }
    Invoked invoke(const Function& function, const std::string& payload = "{}") {
        auto invoked = invoker->invoke(function, {base::uuid_random(random), payload, ""});
        EXPECT_TRUE(invoked.ok()) << invoked.error().message() << invoked.error().detail();
        return invoked.ok() ? *invoked : Invoked{};
    }
    boost::json::value run(const std::string& code, const std::string& payload = "{}") {
        auto invoked = invoke(make(code), payload);
        EXPECT_EQ(invoked.function_error, "") << invoked.payload << invoked.log_tail;
        return boost::json::parse(invoked.payload);
    }
    boost::json::value fail(const Function& function) {
        auto invoked = invoke(function);
        EXPECT_EQ(invoked.function_error, "Unhandled");
        return boost::json::parse(invoked.payload);
    }
    static std::string text(const boost::json::value& value, const char* name) {
        return std::string(value.at(name).as_string());
    }
};

TEST_F(InvokerTest, a_handler_gets_the_event_and_its_answer_comes_back) {
    auto answer =
        run("def handler(event, context):\n    return {'got': event, 'é': 1.5}", R"({"a": [1, null, "ü"]})");
    EXPECT_EQ(answer, boost::json::parse(R"({"got": {"a": [1, null, "ü"]}, "é": 1.5})"));
}

TEST_F(InvokerTest, the_context_and_the_environment_are_those_of_lambda) {
    auto answer = run(R"(
import os
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return {'name': context.function_name, 'version': context.function_version, 'left': 10000 < left <= 20000,
            'arn': context.invoked_function_arn, 'memory': context.memory_limit_in_mb, 'id': context.aws_request_id,
            'group': context.log_group_name, 'env': dict(os.environ), 'cwd': os.getcwd()}
)");
    EXPECT_EQ(answer.at("name"), "f");
    EXPECT_EQ(answer.at("version"), "$LATEST");
    EXPECT_EQ(answer.at("arn"), "arn:aws:lambda:eu-west-1:123456789012:function:f");
    EXPECT_EQ(answer.at("memory"), "128");
    EXPECT_EQ(answer.at("left"), true);
    EXPECT_TRUE(base::is_uuid(text(answer, "id")));
    EXPECT_EQ(answer.at("group"), "/aws/lambda/f");
    EXPECT_EQ(answer.at("cwd"), "/var/task");
    const auto& env = answer.at("env");
    EXPECT_EQ(env.at("GREETING"), "hello");
    EXPECT_EQ(env.at("AWS_REGION"), "eu-west-1");
    EXPECT_EQ(env.at("AWS_ACCESS_KEY_ID"), "ASIAKEY");
    EXPECT_EQ(env.at("AWS_SESSION_TOKEN"), "token");
    EXPECT_EQ(text(env, "AWS_ENDPOINT_URL"), options.endpoint_url);
}

// "Indicates if the invoker specified a version number or alias", says AWS.
TEST_F(InvokerTest, the_arn_names_the_alias_that_was_asked_for) {
    auto function = make("def handler(event, context):\n    return context.invoked_function_arn\n");
    auto arn = [&](const std::string& qualifier) {
        auto invoked = invoker->invoke(function, {.request_id = base::uuid_random(random),
                                                  .payload = "{}",
                                                  .client_context = "",
                                                  .qualifier = qualifier});
        return invoked.ok() ? invoked->payload : invoked.error().message();
    };
    EXPECT_EQ(arn(""), R"("arn:aws:lambda:eu-west-1:123456789012:function:f")");
    EXPECT_EQ(arn("live"), R"("arn:aws:lambda:eu-west-1:123456789012:function:f:live")");
}

TEST_F(InvokerTest, an_exception_becomes_an_unhandled_error_with_its_trace) {
    auto invoked =
        invoke(make("def inner():\n    return {}['fullname']\ndef handler(e, c):\n    return inner()"));
    EXPECT_EQ(invoked.function_error, "Unhandled");
    auto error = boost::json::parse(invoked.payload);
    EXPECT_EQ(error.at("errorType"), "KeyError");
    EXPECT_EQ(error.at("errorMessage"), "'fullname'");
    ASSERT_EQ(error.at("stackTrace").as_array().size(), 2u);
    EXPECT_EQ(error.at("stackTrace").at(0),
              "  File \"/var/task/code.py\", line 4, in handler\n    return inner()\n");
    EXPECT_THAT(invoked.log_tail,
                HasSubstr("[ERROR] KeyError: 'fullname'\nTraceback (most recent call last):\n"));
}

TEST_F(InvokerTest, troubles_before_the_handler_have_the_names_of_lambda) {
    EXPECT_EQ(text(fail(make("import nothing_of_this_name", "a")), "errorType"), "Runtime.ImportModuleError");
    EXPECT_EQ(text(fail(make("x = 1", "b")), "errorMessage"), "Handler 'handler' missing on module 'code'");
    EXPECT_EQ(text(fail(make("def (", "c")), "errorType"), "Runtime.UserCodeSyntaxError");
    EXPECT_EQ(text(fail(make("1 / 0", "d")), "errorType"), "ZeroDivisionError");
    EXPECT_EQ(text(fail(make("def handler(e, c):\n    return {1, 2}", "e")), "errorType"),
              "Runtime.MarshalError");
}

TEST_F(InvokerTest, a_log_has_start_output_end_and_report) {
    auto invoked = invoke(
        make("import logging\ndef handler(e, c):\n    print('one\\ntwo')\n    logging.error('three')"));
    EXPECT_THAT(invoked.log_tail, StartsWith("START RequestId: "));
    EXPECT_THAT(invoked.log_tail, HasSubstr("\none\ntwo\n[ERROR]\t20"));
    EXPECT_THAT(invoked.log_tail, HasSubstr("\nEND RequestId: "));
    EXPECT_THAT(invoked.log_tail, HasSubstr("\tMemory Size: 128 MB\tMax Memory Used: "));
    EXPECT_THAT(invoked.log_tail, HasSubstr("\tInit Duration: "));
    invoker->stop();
    EXPECT_THAT(lines, Contains("two"));
}

TEST_F(InvokerTest, a_function_that_does_not_end_is_killed_at_its_timeout) {
    auto function = make("import time\ndef handler(e, c):\n    print('begun')\n    time.sleep(60)", "f", 1);
    auto began = std::chrono::steady_clock::now();
    auto invoked = invoke(function);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 15s);
    EXPECT_EQ(invoked.function_error, "Unhandled");
    EXPECT_THAT(text(boost::json::parse(invoked.payload), "errorMessage"),
                HasSubstr("Task timed out after 1.00 seconds"));
    EXPECT_THAT(invoked.log_tail, HasSubstr("begun\n"));
    EXPECT_THAT(invoked.log_tail, HasSubstr("Status: timeout"));
    EXPECT_EQ(invoker->processes(), 0u);
}

TEST_F(InvokerTest, a_function_that_ends_its_process_is_reported_with_the_status) {
    EXPECT_THAT(text(fail(make("import os\ndef handler(e, c):\n    os._exit(3)", "a")), "errorMessage"),
                HasSubstr(" Error: Runtime exited with error: exit status 3"));
    EXPECT_THAT(
        text(fail(make("import os\ndef handler(e, c):\n    os.kill(os.getpid(), 9)", "b")), "errorMessage"),
        HasSubstr("Runtime exited with error: signal: killed"));
    auto error = fail(make("import sys\ndef handler(e, c):\n    sys.exit(0)", "c"));
    EXPECT_THAT(text(error, "errorMessage"), HasSubstr("Runtime exited without providing a reason"));
    EXPECT_EQ(error.at("errorType"), "Runtime.ExitError");
}

TEST_F(InvokerTest, a_warm_process_serves_the_next_invocation) {
    auto function = make("n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    return n");
    EXPECT_EQ(invoke(function).payload, "1");
    EXPECT_EQ(invoke(function).payload, "2");
    EXPECT_EQ(invoker->processes(), 1u);
}

TEST_F(InvokerTest, changed_code_is_what_the_next_invocation_runs) {
    auto function = make("def handler(e, c):\n    return 'old'");
    EXPECT_EQ(invoke(function).payload, "\"old\"");
    ASSERT_TRUE(
        store.update_code(function.id, zip_of({{"code.py", "def handler(e, c):\n    return 'new'"}})).ok());
    EXPECT_EQ(invoke(*store.get(function.id)).payload, "\"new\"");
    EXPECT_EQ(invoker->processes(), 1u);
}

TEST_F(InvokerTest, a_process_that_died_while_idle_is_replaced_unseen) {
    auto function = make(R"(
import os, threading, time
def handler(e, c):
    threading.Thread(target=lambda: (time.sleep(0.1), os._exit(1))).start()
    return os.getpid())");
    invoke(function);
    std::this_thread::sleep_for(600ms);
    EXPECT_EQ(invoke(function).function_error, "");
}

TEST_F(InvokerTest, concurrent_invocations_have_a_process_each_up_to_the_limit) {
    auto function = make("import time\ndef handler(e, c):\n    time.sleep(1)\n    return 1");
    ASSERT_TRUE(store.set_reserved_concurrency(function.id, 2).ok());
    std::atomic<int> answered = 0, throttled = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            auto invoked = invoker->invoke(function, {base::uuid_random(random), "{}", ""});
            if (invoked.ok()) ++answered;
            if (!invoked.ok() && invoked.error().is(Refusal::throttled)) ++throttled;
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(answered, 2);
    EXPECT_EQ(throttled, 1);
}

TEST_F(InvokerTest, nothing_but_the_server_can_be_reached) {
    auto answer = run(R"(
import os, socket, urllib.request
def attempt(f):
    try:
        f()
        return 'reached'
    except OSError as e:
        return 'denied'
def handler(event, context):
    return {'server': urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL']).read().decode(),
            'other port': attempt(lambda: socket.create_connection(('127.0.0.1', 22), 1)),
            'outside': attempt(lambda: socket.create_connection(('192.0.2.1', 80), 1)),
            'names': attempt(lambda: socket.getaddrinfo('example.com', 80)),
            'interfaces': [name for _, name in socket.if_nameindex()]}
)");
    EXPECT_EQ(answer.at("server"), "hello");
    EXPECT_EQ(answer.at("other port"), "denied");
    EXPECT_EQ(answer.at("outside"), "denied");
    EXPECT_EQ(answer.at("names"), "denied");
    EXPECT_EQ(answer.at("interfaces"), boost::json::parse(R"(["lo"])"));
}

TEST_F(InvokerTest, the_files_of_the_machine_cannot_be_seen_or_changed) {
    auto answer = run(R"(
import os
def writes(path):
    try:
        open(path, 'w').close()
        return True
    except OSError:
        return False
def handler(event, context):
    return {'root': sorted(os.listdir('/')), 'home': os.path.exists('/root'), 'uid': os.getuid(),
            'written': [p for p in ['/x', '/usr/x', '/var/task/x', '/etc/x', '/dev/x', '/run/likeness/x', '/tmp/x']
                        if writes(p)],
            'processes': len([p for p in os.listdir('/proc') if p.isdigit()]),
            'shadow': os.path.exists('/etc/shadow')}
)");
    EXPECT_EQ(answer.at("written"), boost::json::parse(R"(["/tmp/x"])"));
    EXPECT_EQ(answer.at("home"), false);
    EXPECT_EQ(answer.at("shadow"), false);
    EXPECT_EQ(answer.at("uid"), 65534);
    EXPECT_LE(answer.at("processes").as_int64(), 3);
}

TEST_F(InvokerTest, a_fork_bomb_is_bounded_and_gone_afterwards) {
    auto function = make(R"(
import os, time
def handler(event, context):
    count = 0
    try:
        while count < 1000:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            count += 1
    except OSError:
        return count
    return 'unbounded'
)");
    auto invoked = invoke(function);
    EXPECT_EQ(invoked.function_error, "") << invoked.payload;
    EXPECT_LT(boost::json::parse(invoked.payload).as_int64(), 64);
    invoker->stop();
    EXPECT_EQ(invoker->processes(), 0u);
}

TEST_F(InvokerTest, a_full_disk_is_the_functions_own) {
    auto function = make(R"(
def handler(event, context):
    written = 0
    try:
        for n in range(64):
            with open(f'/tmp/{n}', 'wb') as file:
                written += file.write(b'x' * (16 << 20))
    except OSError as e:
        return [written >> 20, e.errno]
)");
    function.config.ephemeral_mb = 48;
    auto answer = boost::json::parse(invoke(function).payload);
    EXPECT_LE(answer.at(0).as_int64(), 48);
    EXPECT_EQ(answer.at(1), ENOSPC);
}

TEST_F(InvokerTest, endless_output_is_cut_and_does_not_stop_the_clock) {
    auto invoked = invoke(make("def handler(e, c):\n    while True:\n        print('x' * 1000)", "f", 1));
    EXPECT_THAT(invoked.payload, HasSubstr("Task timed out"));
    invoker->stop();
    std::size_t bytes = 0;
    for (const auto& line : lines)
        bytes += line.size();
    EXPECT_LT(bytes, kLogBytesPerInvocationMax + 10'000);
    EXPECT_THAT(lines, Contains(HasSubstr("is dropped")));
}

TEST_F(InvokerTest, memory_beyond_the_bound_is_refused_to_the_function) {
    auto function = make("def handler(e, c):\n    return len(bytearray(2 << 30))");
    auto invoked = invoke(function);
    EXPECT_EQ(invoked.function_error, "Unhandled");
    EXPECT_EQ(invoke(make("def handler(e, c):\n    return 1", "g")).payload, "1");
}

TEST_F(InvokerTest, an_answer_beyond_six_megabytes_is_an_error) {
    auto error = fail(make("def handler(e, c):\n    return 'x' * 7000000"));
    EXPECT_EQ(error.at("errorType"), "Function.ResponseSizeTooLarge");
}

TEST_F(InvokerTest, another_version_of_python_is_said_in_the_log) {
    auto function = make("def handler(e, c):\n    return 1");
    function.config.runtime = "python2.7";
    auto invoked = invoke(function);
    EXPECT_EQ(invoked.payload, "1");
    EXPECT_THAT(invoked.log_tail, HasSubstr("WARNING: this machine has Python 3."));
}

TEST_F(InvokerTest, runtimes_that_cannot_be_run_are_refused_by_name) {
    auto function = make("");
    function.config.runtime = "nodejs20.x";
    auto invoked = invoker->invoke(function, {"id", "{}", ""});
    EXPECT_TRUE(invoked.error().is(Refusal::runtime_unsupported));
    EXPECT_THAT(invoked.error().message(), HasSubstr("nodejs20.x"));
}

TEST_F(InvokerTest, a_payload_that_is_not_json_is_refused) {
    auto function = make("def handler(e, c):\n    return 1");
    EXPECT_TRUE(invoker->invoke(function, {"id", "{", ""}).error().is(Refusal::payload_not_json));
    EXPECT_TRUE(invoker->invoke(function, {"id", std::string(kPayloadBytesMax + 1, '1'), ""})
                    .error()
                    .is(Refusal::payload_too_large));
}

// A runtime written in shell: what a `provided` function is, without a compiler.
TEST_F(InvokerTest, a_program_named_bootstrap_is_a_runtime) {
    Config config;
    config.runtime = "provided.al2023";
    config.timeout_seconds = 20;
    std::string script = R"(#!/usr/bin/python3
import os, urllib.request
root = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/'
while True:
    event = urllib.request.urlopen(root + 'invocation/next')
    body = b'{"seen": ' + event.read() + b'}'
    request_id = event.headers['Lambda-Runtime-Aws-Request-Id']
    urllib.request.urlopen(root + f'invocation/{request_id}/response', body)
)";
    auto made = store.create({"123456789012", "eu-west-1", "p"}, config,
                             zip_of({{"bootstrap", script, S_IFREG | 0755}}), {});
    auto invoked = invoke(*made, "[1]");
    EXPECT_EQ(invoked.payload, "{\"seen\": [1]}") << invoked.log_tail;
    EXPECT_EQ(invoke(*made, "2").payload, "{\"seen\": 2}");
}

TEST_F(InvokerTest, an_old_boto3_goes_to_the_endpoint_of_the_environment) {
    auto invoked = invoke(make(R"(
def handler(event, context):
    import boto3
    return boto3.client('s3').meta.endpoint_url
)"));
    if (invoked.payload.find("No module named") != std::string::npos) GTEST_SKIP() << "no boto3 here";
    EXPECT_EQ(invoked.payload, "\"" + options.endpoint_url + "\"") << invoked.log_tail;
}

TEST_F(InvokerTest, credentials_that_cannot_be_had_are_refused) {
    auto function = make("def handler(e, c):\n    return 1");
    InvokerJoints joints;
    joints.credentials_for = [](const Function&) -> Result<Credentials> {
        return Error::refusal(Refusal::role_unusable, "no such role");
    };
    auto other = *Invoker::start(store, *records, clock, random, options, std::move(joints));
    EXPECT_TRUE(other->invoke(function, {"id", "{}", ""}).error().is(Refusal::role_unusable));
}

TEST_F(InvokerTest, without_bubblewrap_nothing_runs) {
    invoker.reset();
    options.sandbox.bubblewrap = "/nowhere/bwrap";
    start();
    auto invoked = invoker->invoke(make("def handler(e, c):\n    return 1"), {"id", "{}", ""});
    EXPECT_TRUE(invoked.error().is(Refusal::sandbox_missing));
    EXPECT_THAT(invoked.error().message(), HasSubstr("/nowhere/bwrap is not there"));
}

TEST_F(InvokerTest, without_a_sandbox_functions_run_bare_if_that_was_asked_for) {
    invoker.reset();
    options.sandbox.without = true;
    start();
    EXPECT_EQ(invoke(make("import os\ndef handler(e, c):\n    return os.environ['GREETING']")).payload,
              "\"hello\"");
}

TEST_F(InvokerTest, stopping_ends_invocations_and_takes_no_more) {
    auto function = make("import time\ndef handler(e, c):\n    time.sleep(60)", "f", 60);
    std::optional<Result<Invoked>> invoked;
    std::thread thread([&] { invoked = invoker->invoke(function, {base::uuid_random(random), "{}", ""}); });
    std::this_thread::sleep_for(500ms);
    invoker->stop();
    thread.join();
    EXPECT_TRUE(invoked->error().is(Refusal::stopping));
    EXPECT_TRUE(invoker->invoke(function, {"id", "{}", ""}).error().is(Refusal::stopping));
}

class AsyncTest : public InvokerTest {
protected:
    bool wait(const std::function<bool()>& done) {
        for (int i = 0; i < 2000; ++i) {
            if (done()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
    std::size_t count(const std::string& line) {
        std::lock_guard lock(mutex);
        return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
    }
};

TEST_F(AsyncTest, an_asynchronous_invocation_happens_once) {
    auto function = make("def handler(e, c):\n    print('ran', e)");
    ASSERT_TRUE(invoker->invoke_async(function.id, "", {"id", "7", ""}).ok());
    EXPECT_TRUE(wait([&] { return *invoker->async_waiting() == 0; }));
    EXPECT_TRUE(wait([&] { return count("ran 7") == 1; }));
}

TEST_F(AsyncTest, a_failing_one_is_tried_three_times_and_then_recorded_in_its_log_group) {
    auto function = make("def handler(e, c):\n    print('tried')\n    raise ValueError('no')");
    ASSERT_TRUE(store
                    .update_config(function.id,
                                   [](Config& config) -> Result<void> {
                                       config.log_group = "/of/its/own";
                                       return {};
                                   })
                    .ok());
    ASSERT_TRUE(invoker->invoke_async(function.id, "", {"id-1", "{\"a\": 1}", ""}).ok());
    ASSERT_TRUE(wait([&] { return !invoker->failures(function.id, 10)->empty(); }));
    auto failure = (*invoker->failures(function.id, 10))[0];
    EXPECT_EQ(failure.request_id, "id-1");
    EXPECT_EQ(failure.attempts, 3u);
    EXPECT_EQ(failure.payload, "{\"a\": 1}");
    EXPECT_THAT(failure.reason, HasSubstr("ValueError"));
    EXPECT_EQ(*invoker->async_waiting(), 0u);
    EXPECT_TRUE(wait([&] { return count("tried") == 3; }));
    invoker->stop();
    EXPECT_THAT(lines, Contains(StartsWith("ERROR RequestId: id-1 Asynchronous invocation given up")));
    EXPECT_THAT(groups, testing::ElementsAre("/of/its/own"));
}

TEST_F(AsyncTest, a_throttled_one_waits_for_room) {
    options.throttle_pause = 10ms;
    invoker.reset();
    start();
    auto function = make("def handler(e, c):\n    print('ran')");
    ASSERT_TRUE(store.set_reserved_concurrency(function.id, 0).ok());
    ASSERT_TRUE(invoker->invoke_async(function.id, "", {"id", "{}", ""}).ok());
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(*invoker->async_waiting(), 1u);
    ASSERT_TRUE(store.set_reserved_concurrency(function.id, std::nullopt).ok());
    EXPECT_TRUE(wait([&] { return count("ran") == 1; }));
}

TEST_F(AsyncTest, one_that_was_interrupted_runs_at_the_next_start) {
    auto function = make("import time\ndef handler(e, c):\n    print('ran')\n    time.sleep(1)");
    ASSERT_TRUE(invoker->invoke_async(function.id, "", {"id", "{}", ""}).ok());
    ASSERT_TRUE(wait([&] { return invoker->processes() == 1; }));
    invoker.reset();
    EXPECT_EQ(count("ran"), 0u);
    start();
    EXPECT_TRUE(wait([&] { return *invoker->async_waiting() == 0; }));
    EXPECT_TRUE(wait([&] { return count("ran") == 1; }));
}

TEST_F(AsyncTest, one_for_a_function_that_is_gone_is_recorded_at_once) {
    FunctionId id{"123456789012", "eu-west-1", "gone"};
    ASSERT_TRUE(invoker->invoke_async(id, "", {"id", "{}", ""}).ok());
    ASSERT_TRUE(wait([&] { return !invoker->failures(id, 10)->empty(); }));
    EXPECT_THAT((*invoker->failures(id, 10))[0].reason, HasSubstr("Function not found"));
}

}  // namespace
}  // namespace functions
