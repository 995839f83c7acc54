#include "http/server.h"

#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "http/testing.h"

namespace http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

Response text(std::string body) {
    Response response;
    response.body = std::move(body);
    return response;
}

// Says what was asked and how the body ended.
Response echo(Exchange& exchange) {
    auto body = read_all(exchange.body(), 10'000'000);
    if (!body.ok()) {
        Response response = text("refused " + std::to_string(static_cast<int>(*body.error().as<Refusal>())));
        response.status = 400;
        return response;
    }
    return text(exchange.request().method + " " + exchange.request().target + " " + *body);
}

Response unread(Exchange&) {
    Response response = text("no");
    response.status = 403;
    return response;
}

TEST(Server, AnswersWithLengthDateAndKeepAlive) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n");
    std::string answer = client.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\nContent-Length: 9\r\n\r\nGET /a?b "));
    client.send("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("GET /second "));
}

TEST(Server, TellsTheHandlerWhoAsks) {
    auto server = serve([](Exchange& exchange) {
        return text(exchange.request().remote_address + (exchange.request().secure ? " tls" : " plain"));
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n127.0.0.1 plain"));
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send(
        "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab\r\n"
        "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nPOST /1 ab"));
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nPOST /2 c"));
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nGET /3 "));
    EXPECT_TRUE(client.closed());
}

TEST(Server, ABodyMayComeByteByByte) {
    auto server = serve(echo);
    RawClient client(server->port());
    for (char c :
         std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"))
        client.send({&c, 1});
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nPOST / ab"));
}

TEST(Server, PermissionToSendIsGivenWhenTheBodyIsRead) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ab");
    std::string answer = client.read_answer();
    EXPECT_THAT(answer, HasSubstr("Connection: keep-alive"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nPUT / ab"));
}

TEST(Server, PermissionIsGivenForAnEmptyBodyToo) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nPUT / "));
}

TEST(Server, ARefusalBeforeThePermissionCloses) {
    auto server = serve(unread);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    std::string answer = client.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_TRUE(client.closed());
}

TEST(Server, AClientThatDidNotWaitGetsNoPermission) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, ASmallUnreadBodyIsDrained) {
    auto server = serve(unread);
    RawClient client(server->port());
    for (int i = 0; i < 2; ++i) {
        client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, 'x'));
        EXPECT_THAT(client.read_answer(), HasSubstr("Connection: keep-alive"));
    }
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 403"));
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 403"));
}

TEST(Server, ALargeUnreadBodyClosesAfterTheAnswerHasArrived) {
    auto server = serve(unread);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
    client.send(std::string(4'000'000, 'x'));
    std::string answer = client.read_to_close();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST(Server, ATruncatedBodyIsRefused) {
    for (std::string_view framing :
         {"Content-Length: 5\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\nabc"}) {
        auto server = serve(echo);
        RawClient client(server->port());
        client.send("PUT / HTTP/1.1\r\nHost: h\r\n" + std::string(framing));
        ::shutdown(client.fd(), SHUT_WR);
        std::string answer = client.read_to_close();
        EXPECT_THAT(answer, EndsWith("refused " + std::to_string(static_cast<int>(Refusal::body_truncated))));
        EXPECT_THAT(answer, HasSubstr("Connection: close"));
    }
}

TEST(Server, BrokenChunksAreRefused) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    EXPECT_THAT(client.read_to_close(),
                EndsWith("refused " + std::to_string(static_cast<int>(Refusal::body_malformed))));
}

TEST(Server, StreamedAnswersHaveALengthOrChunks) {
    auto server = serve([](Exchange& exchange) {
        Response response;
        std::uint64_t size = 300'000;
        bool sized = exchange.request().target == "/sized";
        response.body =
            StreamedBody{std::make_unique<Repeated>(size), sized ? std::optional(size) : std::nullopt};
        return response;
    });
    RawClient client(server->port());
    client.send("GET /sized HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(),
                EndsWith("\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x')));

    client.send("GET /chunked HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
    std::size_t total = 0;
    while (std::size_t size = std::stoul(client.read_until("\r\n"), nullptr, 16)) {
        EXPECT_EQ(client.read_exactly(size), std::string(size, 'x'));
        EXPECT_EQ(client.read_exactly(2), "\r\n");
        total += size;
    }
    EXPECT_EQ(client.read_exactly(2), "\r\n");
    EXPECT_EQ(total, 300'000u);

    client.send("GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    std::string answer = client.read_to_close();
    EXPECT_THAT(answer, Not(HasSubstr("chunked")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n" + std::string(300'000, 'x')));
}

TEST(Server, AnAnswerCutShortIsNoticed) {
    auto server = serve([](Exchange&) {
        Response response;
        response.body = StreamedBody{std::make_unique<Repeated>(10), 20};
        return response;
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_to_close(), Not(HasSubstr(std::string(11, 'x'))));
}

TEST(Server, HeadAndBodilessStatusesSendNoBody) {
    auto server = serve([](Exchange& exchange) {
        Response response = text("body");
        if (exchange.request().target == "/204") response.status = 204;
        if (exchange.request().target == "/304") response.status = 304;
        if (exchange.request().target == "/stated") response.head_content_length = 12345;
        return response;
    });
    RawClient client(server->port());
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Length: 4\r\n"));
    client.send("HEAD /stated HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Length: 12345\r\n"));
    client.send("GET /204 HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), Not(HasSubstr("Content-Length")));
    client.send("GET /304 HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), Not(HasSubstr("Content-Length")));
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("\r\n\r\nbody")));
}

TEST(Server, AFieldsValueCannotEndItsLine) {
    auto server = serve([](Exchange&) {
        Response response;
        response.headers.add("X-A", "1\r\nX-Evil: 2");
        response.headers.add("X B", "3");
        response.headers.add("Content-Length", "7");
        return response;
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    std::string answer = client.read_until("\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("\r\nX-A: 1  X-Evil: 2\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("X B")));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 0\r\n"));
}

TEST(Server, MalformedRequestsAreAnsweredAndClosed) {
    auto server = serve(echo);
    const std::pair<std::string, std::string> cases[] = {
        {"GET /\r\n\r\n", "400"},
        {"\x16\x03\x01 a TLS greeting", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", "505"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "431"},
        {"GET /" + std::string(100'000, 'x'), "431"},
    };
    for (const auto& [request, status] : cases) {
        RawClient client(server->port());
        client.send(request);
        std::string answer = client.read_to_close();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status)) << request.substr(0, 40);
        EXPECT_THAT(answer, HasSubstr("Connection: close"));
    }
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, AHeadOfThirtyKilobytesIsAccepted) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(30'000, 'x') + "\r\n\r\n");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, ASlowHeadIsCutOff) {
    auto options = small_server();
    options.header_timeout = 300ms;
    auto server = serve(echo, options);
    RawClient client(server->port());
    auto began = std::chrono::steady_clock::now();
    client.send("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 10 && std::chrono::steady_clock::now() - began < 3s; ++i) {
        if (!client.send("X: y\r\n")) break;
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_THAT(client.read_to_close(), StartsWith("HTTP/1.1 408"));
}

TEST(Server, AnIdleConnectionIsClosed) {
    auto options = small_server();
    options.idle_timeout = 300ms;
    auto server = serve(echo, options);
    RawClient client(server->port());
    EXPECT_TRUE(client.closed());
}

TEST(Server, ABodyThatStallsIsRefused) {
    auto options = small_server();
    options.body_stall_timeout = 300ms;
    auto server = serve(echo, options);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc");
    EXPECT_THAT(client.read_answer(),
                EndsWith("refused " + std::to_string(static_cast<int>(Refusal::body_truncated))));
}

TEST(Server, ABodyThatTricklesIsRefused) {
    auto options = small_server();
    options.body_rate_window = 200ms;
    auto server = serve(echo, options);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n");
    for (int i = 0; i < 20; ++i) {
        if (!client.send("x")) break;
        std::this_thread::sleep_for(25ms);
    }
    EXPECT_THAT(client.read_answer(),
                EndsWith("refused " + std::to_string(static_cast<int>(Refusal::body_too_slow))));
}

TEST(Server, AReaderThatStopsIsDropped) {
    auto options = small_server();
    options.body_stall_timeout = 300ms;
    auto server = serve(
        [](Exchange&) {
            Response response;
            response.body = StreamedBody{std::make_unique<Repeated>(100'000'000), 100'000'000};
            return response;
        },
        options);
    RawClient client(server->port(), 4096);
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    auto end = std::chrono::steady_clock::now() + 5s;
    while (server->connections() == 0 && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(10ms);
    while (server->connections() > 0 && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(server->connections(), 0u);
}

TEST(Server, WorkInAPoolDoesNotHoldTheIoThread) {
    base::Pool pool("test", 1, 10);
    auto options = small_server();
    options.io_threads = 1;
    std::promise<void> release;
    auto released = release.get_future().share();
    auto server = serve(
        [&](Exchange& exchange) {
            if (exchange.request().target == "/quick") return text("quick");
            auto ran = exchange.run_in(pool, [&] { released.wait(); });
            return text(ran.ok() ? "ran" : "refused");
        },
        options);
    RawClient slow(server->port()), quick(server->port());
    slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    quick.send("GET /quick HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(quick.read_answer(), EndsWith("quick"));
    release.set_value();
    EXPECT_THAT(slow.read_answer(), EndsWith("ran"));
}

TEST(Server, AFullPoolIsSaidAtOnce) {
    base::Pool pool("test", 1, 0);
    auto server = serve([&](Exchange& exchange) {
        auto ran = exchange.run_in(pool, [] {});
        return text(!ran.ok() && ran.error().is(Refusal::busy) ? "busy" : "ran");
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("busy"));
}

TEST(Server, WorkThatThrowsIsAFailure) {
    base::Pool pool("test", 1, 1);
    auto server = serve([&](Exchange& exchange) {
        auto ran = exchange.run_in(pool, [] { throw std::runtime_error("boom"); });
        return text(ran.ok() ? "ran" : ran.error().detail());
    });
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("boom"));
}

TEST(Server, AHandlerThatThrowsIsAnInternalError) {
    auto server = serve([](Exchange& exchange) -> Response {
        if (exchange.request().target == "/throw") throw std::runtime_error("boom");
        return text("fine");
    });
    RawClient client(server->port());
    client.send("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
    std::string answer = client.read_to_close();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(answer, Not(HasSubstr("boom")));
    RawClient next(server->port());
    next.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(next.read_answer(), EndsWith("fine"));
}

TEST(Server, SleepEndsWhenTheClientGoes) {
    std::promise<bool> outcome;
    auto server = serve([&](Exchange& exchange) {
        outcome.set_value(exchange.sleep(60s));
        return text("woke");
    });
    {
        RawClient client(server->port());
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        std::this_thread::sleep_for(50ms);
    }
    auto future = outcome.get_future();
    ASSERT_EQ(future.wait_for(5s), std::future_status::ready);
    EXPECT_FALSE(future.get());
}

TEST(Server, SleepLastsItsTime) {
    auto server = serve([&](Exchange& exchange) { return text(exchange.sleep(50ms) ? "slept" : "gone"); });
    RawClient client(server->port());
    auto began = std::chrono::steady_clock::now();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_answer(), EndsWith("slept"));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 50ms);
}

TEST(Server, StopLetsRequestsFinishAndClosesIdleConnections) {
    base::Pool pool("test", 1, 1);
    std::promise<void> release, started;
    auto server = serve([&](Exchange& exchange) {
        auto ran = exchange.run_in(pool, [&] {
            started.set_value();
            release.get_future().wait();
        });
        return text(ran.ok() ? "finished" : "refused");
    });
    RawClient busy(server->port()), idle(server->port());
    busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    started.get_future().wait();
    std::thread stopping([&] { server->stop(10s); });
    EXPECT_TRUE(idle.closed());
    while (RawClient(server->port()).connected())
        std::this_thread::sleep_for(1ms);
    release.set_value();
    std::string answer = busy.read_to_close();
    stopping.join();
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_THAT(answer, EndsWith("finished"));
    EXPECT_EQ(server->connections(), 0u);
    server->stop(0s);
}

TEST(Server, StopEndsWhatDoesNotFinishInTime) {
    auto server = serve(echo);
    RawClient client(server->port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc");
    std::this_thread::sleep_for(50ms);
    auto began = std::chrono::steady_clock::now();
    server->stop(100ms);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    EXPECT_EQ(server->connections(), 0u);
    EXPECT_TRUE(client.closed());
}

TEST(Server, OneConnectionTooManyIsRefused) {
    auto options = small_server();
    options.connections_max = 2;
    auto server = serve(echo, options);
    RawClient first(server->port()), second(server->port());
    for (auto* client : {&first, &second}) {
        client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_THAT(client->read_answer(), StartsWith("HTTP/1.1 200"));
    }
    RawClient third(server->port());
    EXPECT_THAT(third.read_to_close(), StartsWith("HTTP/1.1 503"));
    first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(first.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, ManyConnectionsAreServedAtOnce) {
    auto server = serve(echo);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 300; ++i)
        clients.push_back(std::make_unique<RawClient>(server->port()));
    for (int round = 0; round < 3; ++round) {
        for (auto& client : clients)
            client->send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        for (auto& client : clients)
            EXPECT_THAT(client->read_answer(), EndsWith("PUT /x abc"));
    }
    EXPECT_EQ(server->connections(), 300u);
}

TEST(Server, APortInUseIsAFailure) {
    auto server = serve(echo);
    auto options = small_server();
    options.port = server->port();
    auto second = Server::start(options, echo);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().detail(), HasSubstr("in use"));
}

TEST(Server, AnAddressThatIsNoneIsAFailure) {
    auto options = small_server();
    options.address = "999.1.1.1";
    EXPECT_FALSE(Server::start(options, echo).ok());
}

}  // namespace
}  // namespace http
