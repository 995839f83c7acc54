#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <thread>

#include "base/file.h"
#include "http/server.h"
#include "http/testing.h"

namespace http {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// A certificate for 127.0.0.1 and localhost that vouches for itself, and its key, as PEM files.
struct Identity {
    explicit Identity(const std::filesystem::path& folder)
        : certificate(folder / "cert.pem"), key(folder / "key.pem") {
        EVP_PKEY* pair = EVP_EC_gen("P-256");
        X509* x509 = X509_new();
        X509_set_version(x509, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509), -60);
        X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
        X509_set_pubkey(x509, pair);
        auto* name = X509_get_subject_name(x509);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                                   -1, -1, 0);
        X509_set_issuer_name(x509, name);
        auto* names =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
        X509_add_ext(x509, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(x509, pair, EVP_sha256());
        FILE* file = std::fopen(certificate.c_str(), "w");
        PEM_write_X509(file, x509);
        std::fclose(file);
        file = std::fopen(key.c_str(), "w");
        PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
        X509_free(x509);
        EVP_PKEY_free(pair);
    }
    std::filesystem::path certificate, key;
};

Response echo(Exchange& exchange) {
    auto body = read_all(exchange.body(), 100'000'000);
    Response response;
    response.headers.add("X-Method", exchange.request().method);
    response.headers.add("X-Target", exchange.request().target);
    response.headers.add("X-Host", std::string(exchange.request().headers.get("Host").value_or("")));
    response.headers.add("X-Secure", exchange.request().secure ? "yes" : "no");
    response.body = body.ok() ? *body : "refused";
    return response;
}

std::string at(const Server& server, std::string_view rest, std::string_view scheme = "http",
               std::string_view host = "127.0.0.1") {
    return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(server.port()) +
           std::string(rest);
}

TEST(Url, HasSchemeHostPortAndTarget) {
    auto url = parse_url("https://h.example/a%20b?c");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->secure);
    EXPECT_EQ(url->host, "h.example");
    EXPECT_EQ(url->port, 443);
    EXPECT_EQ(url->target, "/a%20b?c");
    EXPECT_EQ(url->authority(), "h.example");
    EXPECT_EQ(parse_url("http://[::1]:81?x")->authority(), "[::1]:81");
    EXPECT_EQ(parse_url("http://[::1]:81?x")->target, "/?x");
    EXPECT_EQ(parse_url("http://h")->target, "/");
}

TEST(Url, WhatIsNoneIsRefused) {
    for (std::string_view text :
         {"", "h", "ftp://h/", "http://", "http://:80/", "http://h:0/", "http://h:99999/", "http://h:x/",
          "http://u@h/", "http://h/a b", "http://h/\r\nX: y", "http://[::1", "http://h/#f"})
        EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Client, SendsABodyAndReadsTheAnswer) {
    auto server = serve(echo);
    ClientRequest request{.method = "PUT", .url = at(*server, "/a?b"), .body = std::string(300'000, 'y')};
    auto response = ask(request);
    ASSERT_TRUE(response.ok()) << response.error().detail();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers.get("X-Method"), "PUT");
    EXPECT_EQ(response->headers.get("X-Target"), "/a?b");
    EXPECT_EQ(response->headers.get("X-Host"), "127.0.0.1:" + std::to_string(server->port()));
    EXPECT_EQ(response->body, request.body);
}

TEST(Client, ReadsSizedChunkedAndBodilessAnswers) {
    auto server = serve([](Exchange& exchange) {
        Response response;
        bool sized = exchange.request().target == "/sized";
        response.body = StreamedBody{std::make_unique<Repeated>(500'000),
                                     sized ? std::optional<std::uint64_t>(500'000) : std::nullopt};
        return response;
    });
    for (std::string target : {"/sized", "/chunked"}) {
        auto response = ask({.url = at(*server, target)});
        ASSERT_TRUE(response.ok()) << response.error().detail();
        EXPECT_EQ(response->body, std::string(500'000, 'x'));
    }
    auto response = ask({.method = "HEAD", .url = at(*server, "/sized")});
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->headers.get("Content-Length"), "500000");
    EXPECT_EQ(response->body, "");
}

TEST(Client, ABodyGoesToItsSinkPieceByPiece) {
    auto server = serve([](Exchange&) {
        Response response;
        response.body = StreamedBody{std::make_unique<Repeated>(5'000'000), 5'000'000};
        return response;
    });
    std::size_t total = 0, largest = 0;
    ClientOptions options{.body_bytes_max = 5'000'000};
    auto response = ask({.url = at(*server, "/")}, options, [&](base::ByteView bytes) -> Result<void> {
        total += bytes.size();
        largest = std::max(largest, bytes.size());
        return {};
    });
    ASSERT_TRUE(response.ok()) << response.error().detail();
    EXPECT_EQ(total, 5'000'000u);
    EXPECT_LE(largest, 65'536u);
    EXPECT_EQ(response->body, "");
}

TEST(Client, ABodyBeyondItsBoundIsRefused) {
    auto server = serve([](Exchange& exchange) {
        Response response;
        bool sized = exchange.request().target == "/sized";
        response.body = StreamedBody{std::make_unique<Repeated>(1001),
                                     sized ? std::optional<std::uint64_t>(1001) : std::nullopt};
        return response;
    });
    for (std::string target : {"/sized", "/chunked"}) {
        auto response = ask({.url = at(*server, target)}, {.body_bytes_max = 1000});
        ASSERT_FALSE(response.ok());
        EXPECT_TRUE(response.error().is(Refusal::body_too_large));
    }
}

TEST(Client, FollowsAFewRedirections) {
    auto server = serve([](Exchange& exchange) {
        Response response;
        const auto& target = exchange.request().target;
        if (target == "/loop") response.headers.add("Location", "/loop");
        if (target == "/start") response.headers.add("Location", "/end?x#fragment");
        response.status = response.headers.size() > 0 ? 302 : 200;
        response.body = target;
        return response;
    });
    auto response = ask({.url = at(*server, "/start")});
    ASSERT_TRUE(response.ok()) << response.error().detail();
    EXPECT_EQ(response->body, "/end?x");
    auto looping = ask({.url = at(*server, "/loop")});
    ASSERT_FALSE(looping.ok());
    EXPECT_THAT(looping.error().detail(), HasSubstr("too many redirections"));
    EXPECT_EQ(ask({.method = "POST", .url = at(*server, "/start")})->status, 302);
}

TEST(Client, ASilentServerIsLeft) {
    auto server = serve([](Exchange& exchange) {
        exchange.sleep(30s);
        return Response();
    });
    auto began = std::chrono::steady_clock::now();
    auto response = ask({.url = at(*server, "/")}, {.stall_timeout = 100ms});
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(response.error().detail(), HasSubstr("timed out"));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(Client, AnAnswerCutShortIsAFailure) {
    auto server = serve([](Exchange&) {
        Response response;
        response.body = StreamedBody{std::make_unique<Repeated>(10), 20};
        return response;
    });
    EXPECT_FALSE(ask({.url = at(*server, "/")}).ok());
}

TEST(Client, NobodyThereIsAFailure) {
    std::string gone;
    {
        auto server = serve(echo);
        gone = at(*server, "/");
    }
    auto response = ask({.url = gone});
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(response.error().detail(), HasSubstr("refused"));
}

class TlsServer : public testing::Test {
protected:
    std::unique_ptr<Server> serve_tls(Handler handler, std::string address = "127.0.0.1") {
        auto options = small_server();
        options.address = std::move(address);
        options.tls_certificate = identity_.certificate;
        options.tls_key = identity_.key;
        return serve(std::move(handler), options);
    }

    base::TemporaryFolder folder_;
    Identity identity_{folder_.path()};
};

TEST_F(TlsServer, BodiesStreamBothWays) {
    auto server = serve_tls(echo);
    ClientOptions options{.body_bytes_max = 10'000'000, .authorities = identity_.certificate};
    for (std::string host : {"127.0.0.1", "localhost"}) {
        ClientRequest request{
            .method = "PUT", .url = at(*server, "/x", "https", host), .body = std::string(3'000'000, 'z')};
        auto response = ask(request, options);
        ASSERT_TRUE(response.ok()) << response.error().detail();
        EXPECT_EQ(response->headers.get("X-Secure"), "yes");
        EXPECT_EQ(response->body, request.body);
    }
}

TEST_F(TlsServer, AnUnknownCertificateIsNotTrusted) {
    auto server = serve_tls(echo);
    auto response = ask({.url = at(*server, "/", "https")});
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(response.error().detail(), HasSubstr("self-signed certificate"));
}

TEST_F(TlsServer, ACertificateForAnotherNameIsNotTrusted) {
    auto server = serve_tls(echo, "0.0.0.0");
    auto response =
        ask({.url = at(*server, "/", "https", "127.0.0.2")}, {.authorities = identity_.certificate});
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(response.error().detail(), HasSubstr("IP address mismatch"));
}

TEST_F(TlsServer, PlainRequestsAreNotServed) {
    auto server = serve_tls(echo);
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_to_close(), testing::Not(HasSubstr("200 OK")));
}

TEST_F(TlsServer, AGreetingThatNeverComesIsCutOff) {
    auto options = small_server();
    options.tls_certificate = identity_.certificate;
    options.tls_key = identity_.key;
    options.header_timeout = 300ms;
    auto server = serve(echo, options);
    RawClient client(server->port());
    EXPECT_TRUE(client.closed());
}

TEST_F(TlsServer, AKeyThatIsMissingIsAFailure) {
    auto options = small_server();
    options.tls_certificate = identity_.certificate;
    options.tls_key = folder_.path() / "none.pem";
    auto server = Server::start(options, echo);
    ASSERT_FALSE(server.ok());
    EXPECT_THAT(server.error().detail(), HasSubstr("none.pem"));
}

}  // namespace
}  // namespace http
