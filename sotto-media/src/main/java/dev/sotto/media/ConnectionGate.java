package dev.sotto.media;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// The first handler of every socket: gives it a place or closes it, and gives the place back. Belongs to one
/// channel.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
final class ConnectionGate extends ChannelInboundHandlerAdapter {
    private final Admission admission;
    private final Refusals refusals;
    private final InetAddress address;
    private boolean inside;
    private boolean authenticated;

    ConnectionGate(Admission admission, Refusals refusals, InetSocketAddress peer) {
        this.admission = admission;
        this.refusals = refusals;
        this.address = peer.getAddress();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        inside = admission.enter(address);
        if (inside) {
            ctx.fireChannelActive();
        } else {
            refusals.report(RefusalReason.TOO_MANY_CONNECTIONS);
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (inside) {
            inside = false;
            admission.leave(address, authenticated);
            ctx.fireChannelInactive();
        }
    }

    /// On the event loop: the desk accepted the stream.
    void accepted() {
        if (inside && !authenticated) {
            authenticated = true;
            admission.authenticated(address);
        }
    }
}
