export HOME=/tmp; cd /tmp
export PATH=/usr/lib/jvm/java-17-openjdk-amd64/bin:$PATH
cat > A.java <<'E'
import java.util.concurrent.*; import java.net.*; import java.io.*; import java.nio.file.*;
public class A{ public static void main(String[] a) throws Exception{
 var e=Executors.newFixedThreadPool(20); var l=new java.util.ArrayList<Future<Integer>>(); for(int i=0;i<200;i++){int k=i;l.add(e.submit(()->k*k));} int s=0; for(var f:l)s+=f.get(); System.out.println(s); e.shutdown();
 try{ Object o=null; o.toString(); }catch(NullPointerException x){System.out.println("npe");}
 try{ r(0); }catch(StackOverflowError x){System.out.println("soe");}
 for(int i=0;i<30;i++){byte[] b=new byte[10<<20];} System.gc();
 var ss=new ServerSocket(0,5,InetAddress.getLoopbackAddress()); new Thread(()->{try(var c=ss.accept()){c.getInputStream().transferTo(c.getOutputStream());}catch(IOException x){x.printStackTrace();}}).start();
 var c=new Socket(ss.getInetAddress(),ss.getLocalPort()); c.getOutputStream().write("echo".getBytes()); c.shutdownOutput(); System.out.println(new String(c.getInputStream().readAllBytes()));
 var p=new ProcessBuilder("echo","sub").start(); System.out.print(new String(p.getInputStream().readAllBytes())); System.out.println(p.waitFor());
 Files.writeString(Path.of("x"),"1"); try(var ch=java.nio.channels.FileChannel.open(Path.of("x"),StandardOpenOption.READ)){System.out.println(ch.map(java.nio.channels.FileChannel.MapMode.READ_ONLY,0,1).get(0));}
 var h=com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1",0),0); h.createContext("/",x->{x.sendResponseHeaders(200,2);x.getResponseBody().write("ok".getBytes());x.close();}); h.start(); System.out.println(java.net.http.HttpClient.newHttpClient().send(java.net.http.HttpRequest.newBuilder(URI.create("http://127.0.0.1:"+h.getAddress().getPort())).build(),java.net.http.HttpResponse.BodyHandlers.ofString()).body()); h.stop(0);
 Runtime.getRuntime().addShutdownHook(new Thread(()->System.out.println("hook"))); System.exit(4);
 } static int r(int i){return r(i+1)+1;} }
E
javac A.java && java A; echo $?; java -XX:+UseSerialGC A >/dev/null; echo $?; echo 'System.out.println(6*7)' | jshell -s - ; jar cf a.jar A.class; jar tf a.jar | head -1
